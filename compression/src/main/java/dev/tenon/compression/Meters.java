package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.compression.measure.FlopCount;
import java.util.Optional;

/** Measures a compressed model beside the model before compression. */
final class Meters {
    private final Model before;
    private final Optional<Evaluation> judge;
    private final Optional<Samples.Call> sample;
    private final int threads;

    /**
     * The meters of a run.
     *
     * @param before the model before compression
     * @param judge judges the result, if a metric was given
     * @param sample the inputs to count and to measure with, if their shapes are known
     * @param threads the threads of the calls whose latency is measured; 0 if it is not
     */
    Meters(Model before, Optional<Evaluation> judge, Optional<Samples.Call> sample, int threads) {
        this.before = before;
        this.judge = judge;
        this.sample = sample;
        this.threads = threads;
    }

    /** Runs the model before compression on a sample, and finds out now whether it does not take it. */
    void checkRuns() {
        if (judge.isPresent()) {
            judge.get().check();
        } else if (sample.isPresent()) {
            before.session().predict(sample.get().inputs());
        }
    }

    /** Whether the latency is measured. */
    boolean isTimed() {
        return threads > 0 && sample.isPresent();
    }

    CompressionReport.Latency latency(Model after, Runnable tick) {
        return new LatencyMeter(sample.orElseThrow(), threads).measure(before, after, tick);
    }

    Optional<CompressionReport.Change> flops(Model after) {
        return sample.map(s -> new CompressionReport.Change(flops(before, s), flops(after, s)));
    }

    private static long flops(Model model, Samples.Call call) {
        return FlopCount.of(model, call.inputs()) / call.samples();
    }
}
