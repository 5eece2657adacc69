package dev.tenon.event;

import jdk.jfr.FlightRecorder;

/**
 * Writes events to the JDK Flight Recorder, if there is one in this JVM and it records them. Safe for any number of
 * threads.
 */
public final class Recorder {
    private static final boolean PRESENT = isPresent();

    private Recorder() {}

    private static boolean isPresent() {
        try {
            Class.forName("jdk.jfr.FlightRecorder", false, Recorder.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /**
     * Whether events may be recorded. Loading a class of an event starts much of the recorder, so none is loaded until
     * someone has started it.
     *
     * @return false if no recorder was ever started
     */
    public static boolean isOn() {
        return PRESENT && FlightRecorder.isInitialized();
    }

    /**
     * A version was loaded; the failure is null if it is ready.
     *
     * @param model the name of the model
     * @param version the version
     * @param loadNanos how long it took
     * @param failure the message, or null
     */
    public static void load(String model, String version, long loadNanos, String failure) {
        if (!isOn()) {
            return;
        }
        LoadEvent event = new LoadEvent();
        if (event.shouldCommit()) {
            event.model = model;
            event.version = version;
            event.loadNanos = loadNanos;
            event.failure = failure;
            event.commit();
        }
    }

    /**
     * A plan was made.
     *
     * @param graph the name of the graph
     * @param shapes the shapes of the inputs
     * @param steps the number of steps
     * @param planNanos how long it took
     */
    public static void plan(String graph, Object shapes, int steps, long planNanos) {
        if (!isOn()) {
            return;
        }
        PlanEvent event = new PlanEvent();
        if (event.shouldCommit()) {
            event.graph = graph;
            event.shapes = shapes.toString();
            event.steps = steps;
            event.planNanos = planNanos;
            event.commit();
        }
    }

    /**
     * A run ended.
     *
     * @param batcher the name of the batcher
     * @param calls the calls in it
     * @param rows the rows
     * @param runNanos how long it ran
     */
    public static void batch(String batcher, int calls, int rows, long runNanos) {
        if (!isOn()) {
            return;
        }
        BatchEvent event = new BatchEvent();
        if (event.shouldCommit()) {
            event.batcher = batcher;
            event.calls = calls;
            event.rows = rows;
            event.runNanos = runNanos;
            event.commit();
        }
    }

    /**
     * A call ended.
     *
     * @param batcher the name of the batcher
     * @param lane the lane
     * @param rows the rows
     * @param waitNanos how long it waited
     * @param runNanos how long it ran
     * @param outcome how it ended
     */
    public static void predict(String batcher, String lane, int rows, long waitNanos, long runNanos, String outcome) {
        if (!isOn()) {
            return;
        }
        PredictEvent event = new PredictEvent();
        if (event.shouldCommit()) {
            event.batcher = batcher;
            event.lane = lane;
            event.rows = rows;
            event.waitNanos = waitNanos;
            event.runNanos = runNanos;
            event.outcome = outcome;
            event.commit();
        }
    }

    /**
     * A call was refused.
     *
     * @param batcher the name of the batcher
     * @param lane the lane
     * @param reason the reason
     * @param queuedRows the rows that wait
     */
    public static void reject(String batcher, String lane, String reason, int queuedRows) {
        if (!isOn()) {
            return;
        }
        RejectEvent event = new RejectEvent();
        if (event.shouldCommit()) {
            event.batcher = batcher;
            event.lane = lane;
            event.reason = reason;
            event.queuedRows = queuedRows;
            event.commit();
        }
    }

    /**
     * Another version serves; the one before is null if there was none.
     *
     * @param model the name of the model
     * @param from the version before, or null
     * @param to the version now
     * @param reason the reason
     */
    public static void swap(String model, String from, String to, String reason) {
        if (!isOn()) {
            return;
        }
        SwapEvent event = new SwapEvent();
        if (event.shouldCommit()) {
            event.model = model;
            event.from = from;
            event.to = to;
            event.reason = reason;
            event.commit();
        }
    }

    /**
     * A test of a monitor has found drift.
     *
     * @param monitor the name of the monitor
     * @param value the input or output
     * @param test the test
     * @param statistic the number that was found
     * @param limit the largest number that is no drift
     */
    public static void drift(String monitor, String value, String test, double statistic, double limit) {
        if (!isOn()) {
            return;
        }
        DriftEvent event = new DriftEvent();
        if (event.shouldCommit()) {
            event.monitor = monitor;
            event.value = value;
            event.test = test;
            event.statistic = statistic;
            event.limit = limit;
            event.commit();
        }
    }
}
