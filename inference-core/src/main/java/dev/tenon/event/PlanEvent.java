package dev.tenon.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A session made a plan for new input shapes. */
@Name("dev.tenon.Plan")
@Label("Call Planned")
@Category("Tenon")
@StackTrace(false)
final class PlanEvent extends Event {
    @Label("Graph")
    String graph;

    @Label("Shapes")
    String shapes;

    @Label("Steps")
    int steps;

    @Timespan(Timespan.NANOSECONDS)
    @Label("Plan time")
    long planNanos;
}
