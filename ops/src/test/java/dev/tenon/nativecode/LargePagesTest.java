package dev.tenon.nativecode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.table.Tiers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Large pages, with and without the flag that allows native calls. */
@Tag("tiers")
@Tag("assembled")
class LargePagesTest {
    private static final long BYTES = 16 << 20;

    @Test
    void whatLiesInMemoryStaysWhenItIsMoved() {
        MemorySegment memory = Arena.ofAuto().allocate(BYTES, 64);
        for (long i = 0; i < BYTES; i += Long.BYTES) {
            memory.set(ValueLayout.JAVA_LONG, i, 31 * i);
        }
        long moved = LargePages.move(memory.address(), BYTES);
        for (long i = 0; i < BYTES; i += Long.BYTES) {
            assertThat(memory.get(ValueLayout.JAVA_LONG, i)).isEqualTo(31 * i);
        }
        if (LargePages.refusal() == null) {
            assertThat(moved).isBetween(0L, BYTES);
            assertThat(moved % LargePages.pageBytes()).isZero();
        } else {
            assertThat(moved).isZero();
        }
    }

    @Test
    void lessThanAPageStays() {
        MemorySegment memory = Arena.ofAuto().allocate(4096, 64);
        assertThat(LargePages.move(memory.address(), memory.byteSize())).isZero();
        assertThat(LargePages.move(memory.address(), 0)).isZero();
    }

    /** Without the flag, the first native call of the JVM prints a warning and allows all that follow. */
    @Test
    void aRefusalNamesTheFlag() {
        String tiers = Tiers.detect().describe();
        String refusal = LargePages.refusal();
        if (LargePages.pageBytes() == 0) {
            assertThat(refusal).contains("this system has none");
            return;
        }
        if ("off".equals(System.getProperty(LargePages.PROPERTY))) {
            assertThat(refusal).contains("switched off");
            return;
        }
        boolean allowed = LargePagesTest.class.getModule().isNativeAccessEnabled();
        assertThat(refusal == null).as(refusal).isEqualTo(allowed);
        if (!allowed) {
            assertThat(refusal).contains("--enable-native-access=ALL-UNNAMED");
        }
        assertThat(tiers).contains(allowed ? "pages      on" : "pages      off  large pages: ");
    }
}
