package dev.tenon.event;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A batcher refused a call. */
@Name("dev.tenon.Reject")
@Label("Prediction Refused")
@Category("Tenon")
@StackTrace(false)
final class RejectEvent extends Event {
    @Label("Batcher")
    String batcher;

    @Label("Lane")
    String lane;

    @Label("Reason")
    String reason;

    @Label("Queued rows")
    int queuedRows;
}
