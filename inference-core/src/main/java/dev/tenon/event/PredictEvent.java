package dev.tenon.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A call of a batcher ended. */
@Name("dev.tenon.Predict")
@Label("Prediction")
@Category("Tenon")
@StackTrace(false)
final class PredictEvent extends Event {
    @Label("Batcher")
    String batcher;

    @Label("Lane")
    String lane;

    @Label("Rows")
    int rows;

    @Timespan(Timespan.NANOSECONDS)
    @Label("Wait time")
    long waitNanos;

    @Timespan(Timespan.NANOSECONDS)
    @Label("Run time")
    long runNanos;

    @Label("Outcome")
    String outcome;
}
