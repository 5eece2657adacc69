package dev.tenon.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.batch.SimulatedLoad.Stream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The figures of a service that depend on how calls are merged and ordered, in simulated time. */
class SimulatedLoadTest {
    private static final Call CALL = Call.standard();
    private static final int CALLS = 5_000;
    private static final long SEED = 30;
    /** The load of a quiet lane, as a part of the capacity of calls one by one. */
    private static final double QUIET = 0.15;
    /** A gain that is none. */
    private static final double LITTLE = 1.1;
    /** Runs that are much shorter than this are not worth their turns: a thread takes longer to wake. */
    private static final long WAKE_UP_NANOS = 20_000;

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

    @ParameterizedTest
    @EnumSource
    void aLaneThatFloodsLeavesTheLatencyOfOthers(Speed speed) {
        for (int maxRows : new int[] {1, 32}) {
            BatchOptions options = BatchOptions.standard().maxRows(maxRows).queueRows(256);
            SimulatedLoad both = load(speed, options);
            Stream quiet = both.add(CALL.lane("quiet"), QUIET, (int) (CALLS / 2 / QUIET));
            Stream flood = both.add(CALL.lane("flood"), 10 * QUIET, (int) (CALLS / 2 / QUIET));
            both.run();
            assertThat(quiet.refused).isZero();
            assertThat(flood.latencies.size()).isGreaterThan(5 * quiet.latencies.size());
            long alone = alone(speed, options, QUIET).percentile(0.99);
            assertThat(quiet.percentile(0.99))
                    .as("%d rows, %d alone", maxRows, alone)
                    .isLessThanOrEqualTo(Math.max(2 * alone, alone + WAKE_UP_NANOS));
        }
    }

    @ParameterizedTest
    @EnumSource
    void lanesThatAllHaveManyCallsGetLargeBatches(Speed speed) {
        SimulatedLoad both = load(speed, BatchOptions.standard().queueRows(512));
        List<Stream> streams = new ArrayList<>();
        for (String lane : List.of("one", "two")) {
            streams.add(both.add(CALL.lane(lane), 2 * speed.gain(), (int) (CALLS / speed.gain())));
        }
        both.run();
        double rows = (double) both.statistics().rows() / both.statistics().runs();
        assertThat(rows).isGreaterThan(speed.gain() < LITTLE ? 0 : 24);
        double share = (double) streams.get(0).latencies.size()
                / streams.get(1).latencies.size();
        assertThat(share).isBetween(0.95, 1.05);
    }

    @ParameterizedTest
    @EnumSource
    void batchesCostNoLatencyWhereNoneIsNeeded(Speed speed) {
        long single = alone(speed, BatchOptions.standard().maxRows(1), 0.8).percentile(0.99);
        long batched = alone(speed, BatchOptions.standard(), 0.8).percentile(0.99);
        assertThat((double) batched / single).isLessThanOrEqualTo(1.1);
    }

    @ParameterizedTest
    @EnumSource
    void aboveTheCapacityOfCallsOneByOneLatencyIsThatOfTheBestBatches(Speed speed) {
        double load = speed.gain() < LITTLE ? 0.8 : 1.3;
        Stream above = alone(speed, BatchOptions.standard(), load);
        assertThat(above.refused).isZero();
        long best = bestBatches(speed, load);
        assertThat(above.percentile(0.99)).isLessThanOrEqualTo(Math.max(best + best / 10, best + WAKE_UP_NANOS));
    }

    /** The 99th percentile of a queue that always runs all that waits, up to 32 calls, in nanoseconds. */
    private static long bestBatches(Speed speed, double load) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] arrivals = new double[CALLS];
        double at = 0;
        for (int i = 0; i < CALLS; i++) {
            at -= Math.log1p(-random.nextDouble()) * speed.nanos().applyAsLong(1) / load;
            arrivals[i] = at;
        }
        double[] latencies = new double[CALLS];
        double clock = 0;
        int done = 0;
        while (done < CALLS) {
            clock = Math.max(clock, arrivals[done]);
            int end = done;
            while (end < CALLS && end - done < 32 && arrivals[end] <= clock) {
                end++;
            }
            clock += speed.nanos().applyAsLong(end - done);
            for (; done < end; done++) {
                latencies[done] = clock - arrivals[done];
            }
        }
        Arrays.sort(latencies);
        return (long) latencies[(int) (0.99 * CALLS)];
    }

    @ParameterizedTest
    @EnumSource
    void aServiceThatGetsTwiceTheCallsItCanTakeDoesAsManyAsEver(Speed speed) {
        // A full queue takes as long as calls have; so calls are refused that would end late, or they end in time.
        long deadline = (long) (256 * speed.nanos().applyAsLong(1) / speed.gain());
        SimulatedLoad all = load(speed, BatchOptions.standard().queueRows(256));
        Stream stream =
                all.add(CALL.within(Duration.ofNanos(deadline)), 2 * speed.gain(), (int) (CALLS / speed.gain()));
        all.run();
        assertThat(stream.latencies.size()).isGreaterThan((int) (0.95 * CALLS));
        assertThat(stream.latencies.size() + stream.refused + stream.expired).isGreaterThan((int) (1.9 * CALLS));
    }
}
