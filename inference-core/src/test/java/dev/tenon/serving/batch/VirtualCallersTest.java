package dev.tenon.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.batch.Calls.Going;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Very many callers on virtual threads, all of which wait at the same time. */
class VirtualCallersTest {
    private static final long PATIENCE_MINUTES = 10;

    @Test
    @Tag("exhaustive")
    void aHundredThousandCallersWait() throws Exception {
        callers(100_000);
    }

    private static void callers(int callers) throws Exception {
        FakeEngine engine = new FakeEngine();
        engine.hold();
        Batcher batcher =
                engine.batcher(BatchOptions.standard().withinNumerics().onFull(BatchOptions.OnFull.BLOCK));
        Going first = Calls.start(batcher, FakeEngine.input(0), Call.standard());
        FakeEngine.Run running = engine.next();
        CountDownLatch ended = new CountDownLatch(callers);
        AtomicLong right = new AtomicLong();
        AtomicLong expired = new AtomicLong();
        Call deadline = Call.standard().within(Duration.ofNanos(500));
        for (int i = 0; i < callers; i++) {
            float x = i % 1000;
            Call call = i % 10 == 0 ? deadline : Call.standard().lane("lane" + i % 7);
            Thread.startVirtualThread(() -> {
                try {
                    float y = batcher.predict(FakeEngine.input(x), call)
                            .tensor("y")
                            .getFloat(0);
                    right.addAndGet(y == 2 * x ? 1 : 0);
                } catch (DeadlineExceededException e) {
                    expired.incrementAndGet();
                } finally {
                    ended.countDown();
                }
            });
        }
        Calls.await(() -> batcher.statistics().queuedRows() == callers);
        engine.clock.addAndGet(500);
        engine.deadlines.doDue();
        engine.holdNoMore();
        running.letGo();
        assertThat(ended.await(PATIENCE_MINUTES, TimeUnit.MINUTES)).isTrue();
        first.y();
        assertThat(expired.get()).isEqualTo((callers + 9) / 10);
        assertThat(right.get()).isEqualTo(callers - expired.get());
        assertThat(batcher.statistics().running()).isZero();
    }

    @Test
    void tenThousandCallersWait() throws Exception {
        callers(10_000);
    }
}
