package dev.tenon.kernel.vector.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The search for the position of an extreme, which another thread may have overwritten after it was found. */
@Tag("vector")
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VectorArgMinMaxTest {
    private static final int LANES = SimdSpecies.LANES;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 100})
    void searchEndsWithinTheRowIfTheExtremeIsGone(int more) {
        int length = LANES + more;
        MemorySegment x = Arena.ofAuto().allocate((long) length * Float.BYTES, Float.BYTES);
        long end = x.byteSize() - LaneSums.BYTES;
        assertThat(VectorArgMinMax.firstIndex(x, 0, end, 1)).isEqualTo(length - 1);
        assertThat(VectorArgMinMax.lastIndex(x, 0, end, 1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 100})
    void searchFindsEveryPosition(int more) {
        int length = LANES + more;
        MemorySegment x = Arena.ofAuto().allocate((long) length * Float.BYTES, Float.BYTES);
        long end = x.byteSize() - LaneSums.BYTES;
        for (int i = 0; i < length; i++) {
            x.fill((byte) 0);
            x.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
            assertThat(VectorArgMinMax.firstIndex(x, 0, end, 1)).isEqualTo(i);
            assertThat(VectorArgMinMax.lastIndex(x, 0, end, 1)).isEqualTo(i);
        }
    }
}
