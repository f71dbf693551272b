//! Any text is a workflow or an error, and every place of commands and blocks is one of the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_core::manifest::workflow::expression::{Value, condition};
use release_core::manifest::workflow::{Workflow, parts};
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
    // Every other name has a value; no expression may panic or grow.
    let known = |name: &str| (name.len() % 2 == 0).then(|| Value::Text(name.to_owned()));
    for step in workflow.jobs.iter().flat_map(|job| &job.steps) {
        let script = &step.script;
        for block in &script.blocks {
            assert!(block.first <= block.end && block.end <= script.commands.len());
        }
        for command in &script.commands {
            assert!(script.around(command).all(|(at, _)| at < script.blocks.len()));
            for word in command.words.iter().chain(&command.assigned) {
                assert!(text.get(word.span.clone()).is_some());
            }
            assert!(text.get(command.span()).is_some());
        }
        let values = step.with.iter().map(|entry| &entry.value);
        for scalar in step.run.iter().chain(&step.condition).chain(values) {
            assert!(text.get(scalar.content()).is_some());
            let _ = condition(&scalar.value, &known);
            for (_, span) in parts(&source, scalar, |c| c == '\n' || c == ',') {
                assert!(text.get(span).is_some());
            }
        }
    }
});
