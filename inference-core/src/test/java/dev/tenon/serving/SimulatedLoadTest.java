package dev.tenon.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.serving.SimulatedLoad.Stream;
import java.time.Duration;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The figures of a service that depend on how calls are merged and ordered, in simulated time. */
class SimulatedLoadTest {
    private static final Call CALL = Call.standard();
    private static final int CALLS = 10_000;
    private static final long SEED = 30;

    /** How long runs take, as the ten models of the table of batching do. */
    enum Speed {
        /** A large gain, and runs that are shorter than a wake-up. */
        SMALL(1_600, 400),
        /** The gain of a recurrent model. */
        RECURRENT(31_600, 37_400),
        /** A transformer with short texts. */
        TRANSFORMER(900_000, 1_400_000),
        /** Nothing is gained. */
        NO_GAIN(0, 100_000);

        private final long run;
        private final long row;

        Speed(long run, long row) {
            this.run = run;
            this.row = row;
        }

        IntToLongFunction nanos() {
            return rows -> run + rows * row;
        }

        double gain() {
            return 32.0 * (run + row) / (run + 32 * row);
        }
    }

    private static SimulatedLoad load(Speed speed, BatchOptions options) {
        return new SimulatedLoad(options, speed.nanos(), SEED);
    }

    private static Stream alone(Speed speed, BatchOptions options, double load) {
        SimulatedLoad all = load(speed, options);
        Stream stream = all.add(CALL.lane("quiet"), load, (int) (CALLS / load));
        all.run();
        return stream;
    }

    /** The latency of a lane beside one that has ten times its calls, more than can be computed one by one. */
    private static double besideFlood(Speed speed, BatchOptions options) {
        double quiet = 0.15;
        BatchOptions bounded = options.queueRows(256);
        SimulatedLoad both = load(speed, bounded);
        Stream stream = both.add(CALL.lane("quiet"), quiet, (int) (CALLS / quiet));
        Stream flood = both.add(CALL.lane("flood"), 10 * quiet, (int) (CALLS / quiet));
        both.run();
        assertThat(stream.refused).isZero();
        assertThat(flood.latencies.size()).isGreaterThan(6 * stream.latencies.size() - flood.refused);
        System.out.printf("%s flood: alone %d beside %d flood done %d refused %d rows/run %.2f%n", speed, alone(speed,bounded,quiet).percentile(.99), stream.percentile(.99), flood.latencies.size(), flood.refused, (double)both.statistics().rows()/both.statistics().runs());
        return (double) stream.percentile(0.99) / alone(speed, bounded, quiet).percentile(0.99);
    }

    @ParameterizedTest
    @EnumSource
    void aLaneThatFloodsLeavesTheLatencyOfOthers(Speed speed) {
        assertThat(besideFlood(speed, BatchOptions.standard().maxRows(1))).isLessThanOrEqualTo(2);
        assertThat(besideFlood(speed, BatchOptions.standard())).isLessThanOrEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void batchesCostNoLatencyWhereNoneIsNeeded(Speed speed) {
        long single = alone(speed, BatchOptions.standard().maxRows(1), 0.8).percentile(0.99);
        long batched = alone(speed, BatchOptions.standard(), 0.8).percentile(0.99);
        System.out.printf("%s 0.8: single %d batched %d%n", speed, single, batched);
        assertThat((double) batched / single).isLessThanOrEqualTo(1.1);
    }

    @ParameterizedTest
    @EnumSource
    void batchesTakeMoreCallsThanCanBeComputedOneByOne(Speed speed) {
        if (speed.gain() < 1.5) {
            return;
        }
        Stream above = alone(speed, BatchOptions.standard(), 1.3);
        System.out.printf("%s 1.3: p99/t1 %.2f%n", speed, (double) above.percentile(0.99) / speed.nanos().applyAsLong(1));
        assertThat(above.refused).isZero();
        assertThat((double) above.percentile(0.99) / speed.nanos().applyAsLong(1)).isLessThanOrEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource
    void aServiceThatGetsTwiceTheCallsItCanTakeDoesAsManyAsEver(Speed speed) {
        BatchOptions options = BatchOptions.standard().queueRows(256);
        Call call = CALL.within(Duration.ofNanos(256 * speed.nanos().applyAsLong(1)));
        SimulatedLoad all = load(speed, options);
        double gain = speed.gain();
        Stream stream = all.add(call, 2 * gain, (int) (CALLS / gain));
        all.run();
        double done = stream.latencies.size() / (CALLS / gain * gain);
        System.out.printf("%s 2x: done %.3f of capacity, refused %d expired %d%n", speed, done, stream.refused, stream.expired);
        assertThat(done).isGreaterThanOrEqualTo(0.95);
    }
}
