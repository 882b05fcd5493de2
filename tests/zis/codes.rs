//! The table of codes in the manual names conversations: each must be there and show the code.
