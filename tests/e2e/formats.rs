//! The baseline, from the first run to the last finding that is mended, and the reports that other systems read.

mod audit;
mod baseline;
mod reports;
