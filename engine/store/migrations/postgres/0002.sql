-- The messages of one agent are found without reading the history of all others.
CREATE INDEX hop_agent ON hop (zone, agent, message);
