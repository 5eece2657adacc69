package dev.tenon.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.LoadOptions;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.serving.bulk.Bulk;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Times that no clock can count are as good as no limit, wherever an option takes one. */
class LongTimesTest {
    private static final Map<String, Tensor> INPUTS = Map.of("x", SmallModels.random(2, 16));

    /** Every method that takes a time. */
    private static final List<Function<Duration, Object>> SETTERS = List.of(
            BatchOptions.standard()::maxWait,
            Call.standard()::within,
            SessionOptions.standard()::timeLimit,
            SessionOptions.standard()::preparationTime,
            LoadOptions.standard()::timeLimit,
            time -> Bulk.of(SmallModels.perceptron().session()).progress(p -> {}, time));

    /** 400 years, the longest time of the clock and a little more, and the longest of all. */
    private static List<Duration> longTimes() {
        return List.of(
                Duration.ofDays(400 * 365),
                Duration.ofNanos(Long.MAX_VALUE),
                Duration.ofNanos(Long.MAX_VALUE).plusNanos(1),
                ChronoUnit.FOREVER.getDuration());
    }

    @Test
    void everyOptionTakesThem() {
        for (Duration time : longTimes()) {
            for (Function<Duration, Object> setter : SETTERS) {
                assertThat(setter.apply(time)).isNotNull();
            }
            assertThat(Call.standard().within(time).limit()).isEmpty();
            assertThat(BatchOptions.standard().maxWait(time).maxWait()).isGreaterThan(Duration.ofDays(70 * 365));
            assertThat(new BulkReport(1, 1, 0, 1, time, List.of()).itemsPerSecond())
                    .isNotNegative();
        }
    }

    @Test
    void negativeTimesAreRefused() {
        for (Function<Duration, Object> setter : SETTERS) {
            assertThat(Typed.failure(() -> setter.apply(Duration.ofSeconds(Long.MIN_VALUE))))
                    .isInstanceOf(InvalidOptionException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void callsEndWithThem(int slots) throws Exception {
        Session session =
                SmallModels.perceptron().session(SessionOptions.standard().timeLimit(ChronoUnit.FOREVER.getDuration()));
        for (Duration time : longTimes()) {
            Batcher batcher = Batcher.of(
                    session, BatchOptions.standard().slots(slots).maxRows(4).maxWait(time));
            Call call = Call.standard().within(time);
            assertThat(batcher.predict(INPUTS, call).tensor().size()).isEqualTo(16);
            assertThat(batcher.submit(INPUTS, call)
                            .get(30, TimeUnit.SECONDS)
                            .tensor()
                            .size())
                    .isEqualTo(16);
        }
    }
}
