//! `sifter serve`: serves zones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use problem::Problem;
use provider::events::triggers::{self, Dialect};
use rulebook::Files;
use rulebook::plan::Plan;

use crate::arguments::{Serve, threads};
use crate::exit::Exit;
use crate::serve::RulebookOnDisk;
use crate::serve::config::{self, Looks, ServeConfig, ServedZone};
use crate::serve::generations::OnDisk;
use crate::serve::run::{self as serving, ServeFault};
use crate::terminal;

/// Runs the command.
pub fn run(arguments: &Serve) -> Exit {
    let environment = |name: &str| std::env::var(name).ok();
    let config = match config::read(&arguments.config, &environment) {
        Ok(config) => config,
        Err((problems, files)) => {
            problems.iter().for_each(|problem| terminal::print_problem(problem, &files));
            anstream::eprintln!("the configuration cannot be used: {}", terminal::count_of(&problems));
            return Exit::Usage;
        }
    };
    let rulebooks = match rulebooks(&config) {
        Ok(rulebooks) => rulebooks,
        Err(exit) => return exit,
    };
    if arguments.print_triggers || arguments.check {
        let Some(plans) = plans(&rulebooks) else { return Exit::Rulebook };
        return if arguments.print_triggers {
            print_triggers(&config, &plans)
        } else {
            check(&config, &rulebooks, &plans)
        };
    }
    match serving::serve(config, rulebooks) {
        Ok(()) => Exit::Well,
        Err(ServeFault::Rulebook(folder)) => {
            anstream::eprintln!(
                "no earlier generation of {} is in the store: mend the rulebook first",
                folder.display()
            );
            Exit::Rulebook
        }
        Err(ServeFault::Other(why)) => terminal::usage(&why),
    }
}

/// The plans of the rulebooks; none where one of them does not check.
fn plans(rulebooks: &BTreeMap<PathBuf, RulebookOnDisk>) -> Option<BTreeMap<&Path, &Arc<Plan>>> {
    rulebooks.iter().map(|(folder, rulebook)| Some((folder.as_path(), rulebook.checked.as_ref().ok()?))).collect()
}

/// The rulebooks of the zones, by folder: zones may share one. What is wrong with them is printed.
fn rulebooks(config: &ServeConfig) -> Result<BTreeMap<PathBuf, RulebookOnDisk>, Exit> {
    let mut rulebooks = BTreeMap::new();
    for provider in config.zones.iter().filter_map(|zone| zone.provider.as_ref()) {
        if rulebooks.contains_key(&provider.rulebook) {
            continue;
        }
        let on_disk = OnDisk::read(&provider.rulebook).map_err(|problem| terminal::end(&problem, &Files::new()))?;
        let checked = on_disk.checked();
        if let Err(problems) = &checked {
            print(problems, &on_disk);
            let (folder, count) = (provider.rulebook.display(), terminal::count_of(problems));
            anstream::eprintln!("the rulebook in {folder} does not check: {count}");
        }
        rulebooks.insert(provider.rulebook.clone(), RulebookOnDisk { on_disk, checked });
    }
    Ok(rulebooks)
}

fn print(problems: &[Problem], on_disk: &OnDisk) {
    let files = on_disk.files();
    problems.iter().for_each(|problem| terminal::print_problem(problem, &files));
}

fn check(
    config: &ServeConfig,
    rulebooks: &BTreeMap<PathBuf, RulebookOnDisk>,
    plans: &BTreeMap<&Path, &Arc<Plan>>,
) -> Exit {
    let mut exit = Exit::Well;
    for (folder, rulebook) in rulebooks {
        let Some(plan) = plans.get(folder.as_path()) else { continue };
        match rulebook.on_disk.proved(plan, threads(None)) {
            Ok(cases) => {
                let hash = plan.generation.get(..12).unwrap_or(&plan.generation);
                anstream::println!("rulebook {}: generation {hash}, {cases} cases pass", folder.display());
            }
            Err(problems) => {
                print(&problems, &rulebook.on_disk);
                exit = Exit::Found;
            }
        }
    }
    let scheme = if config.server.tls.is_some() { "https" } else { "http" };
    for zone in &config.zones {
        anstream::println!("zone {}:", zone.zone.name);
        match (&zone.config, &zone.remote) {
            (Some(served), _) => {
                anstream::println!("  served at {scheme}://{}/zones/{}", config.server.listen, served.name);
                let approved = served.agents.values().filter(|agent| agent.approved).count();
                anstream::println!("  {} agents, {approved} of them approved", served.agents.len());
            }
            (None, Some(remote)) => anstream::println!("  served by somebody else at {}", remote.url),
            (None, None) => {}
        }
        if let Some(why) = zone.provider.as_ref().and_then(|provider| cannot_open(&provider.source)) {
            anstream::eprintln!("error: the source of zone {}: {why}", zone.zone.name);
            exit = Exit::Found;
        }
        print_provider(zone);
    }
    if let Some(admin) = &config.server.admin {
        anstream::println!("administration at {}", admin.listen);
    }
    exit
}

fn print_provider(zone: &ServedZone) {
    let Some(provider) = &zone.provider else {
        return anstream::println!("  without a provider of ours");
    };
    let events = match provider.looks {
        Looks::Every(every) => format!("events every {} s", every.as_secs()),
        Looks::OnDemand => "events when an administrator asks for them".to_owned(),
        Looks::Never => "no events".to_owned(),
    };
    anstream::println!("  provider {} over rulebook {}, {events}", provider.id, provider.rulebook.display());
}

/// Why a source cannot be opened; none if it can.
fn cannot_open(url: &str) -> Option<String> {
    sis::Source::open(url).err().map(|problem| problem.message)
}

fn print_triggers(config: &ServeConfig, plans: &BTreeMap<&Path, &Arc<Plan>>) -> Exit {
    let mut printed = 0;
    for zone in &config.zones {
        let Some(provider) = &zone.provider else { continue };
        let dialect = match provider.source.split(':').next() {
            Some("sqlite") => Dialect::Sqlite,
            Some("postgres" | "postgresql") => Dialect::Postgres,
            _ => {
                anstream::eprintln!(
                    "zone {}: a folder of CSV files has no change feed; its rows are compared",
                    zone.zone.name
                );
                continue;
            }
        };
        let Some(plan) = plans.get(provider.rulebook.as_path()) else { continue };
        anstream::println!("-- zone {}", zone.zone.name);
        anstream::println!("{}", triggers::script(plan, dialect));
        printed += 1;
    }
    if printed > 0 { Exit::Well } else { terminal::usage("no source of these zones can have a change feed") }
}
