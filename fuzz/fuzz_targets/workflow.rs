//! Any text is a workflow or an error, every place is one of the text, and commands and expressions stand where they say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::manifest::workflow::{Workflow, expressions};
use release_core::text::SourceText;

fuzz_target!(|text: &str| {
    let source = SourceText::new(text);
    let workflow = match Workflow::parse(&source) {
        Ok(workflow) => workflow,
        Err(error) => {
            assert!(text.get(error.span).is_some(), "{}", error.message);
            return;
        }
    };
    for trigger in &workflow.triggers {
        assert!(text.get(trigger.event.span.clone()).is_some());
    }
    for step in workflow.jobs.iter().flat_map(|job| &job.steps) {
        for command in &step.commands {
            for word in command.words.iter().chain(&command.assigned) {
                assert!(text.get(word.span.clone()).is_some());
            }
            assert!(text.get(command.span()).is_some());
        }
        let values = step.with.iter().map(|entry| &entry.value);
        for scalar in step.run.iter().chain(&step.condition).chain(values) {
            assert!(text.get(scalar.content()).is_some());
            for expression in expressions(&source, scalar) {
                assert!(text[expression.span].starts_with("${{"));
            }
        }
    }
});
