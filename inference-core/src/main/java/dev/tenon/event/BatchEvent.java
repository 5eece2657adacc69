package dev.tenon.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A batcher ran a model for one call or several. */
@Name("dev.tenon.Batch")
@Label("Model Run")
@Category("Tenon")
@StackTrace(false)
final class BatchEvent extends Event {
    @Label("Batcher")
    String batcher;

    @Label("Calls")
    int calls;

    @Label("Rows")
    int rows;

    @Timespan(Timespan.NANOSECONDS)
    @Label("Run time")
    long runNanos;
}
