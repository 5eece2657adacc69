package dev.tenon.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Inputs or scores are not distributed as those of the reference are. */
@Name("dev.tenon.Drift")
@Label("Drift")
@Category("Tenon")
@StackTrace(false)
final class DriftEvent extends Event {
    @Label("Monitor")
    String monitor;

    @Label("Value")
    String value;

    @Label("Test")
    String test;

    @Label("Statistic")
    double statistic;

    @Label("Limit")
    double limit;
}
