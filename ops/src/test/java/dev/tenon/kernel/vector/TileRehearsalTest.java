package dev.tenon.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A rehearsal ends, whatever the compilers do, and does not hold up every product. */
@Tag("vector")
class TileRehearsalTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    @Test
    void endsAndDoesNotHoldUpEveryProduct() {
        long start = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            TileRehearsal.before(61, 1024, 1024);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG);
    }
}
