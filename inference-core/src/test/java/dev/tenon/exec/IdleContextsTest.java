package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("short")
class IdleContextsTest {
    /** The thread that drops contexts outlives a moment without memory: nobody would start another one. */
    @Test
    void aLookWithoutMemoryIsMadeAgain() {
        AtomicInteger looks = new AtomicInteger();
        IdleContexts.untilDone(
                () -> {
                    if (looks.incrementAndGet() < 3) {
                        throw new OutOfMemoryError("test");
                    }
                    return looks.get() == 5;
                },
                0);
        assertThat(looks).hasValue(5);
    }
}
