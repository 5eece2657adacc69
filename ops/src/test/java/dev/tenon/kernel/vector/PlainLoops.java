package dev.tenon.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Compares the scalar loops named {@code Plain} with the vector loops that they replace until these are compiled. */
public abstract class PlainLoops {
    /** A float32 element. */
    protected static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private static final int LANES = SimdSpecies.LANES;
    private static final float[] SPECIAL = {
        0,
        -0f,
        1,
        -1,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        1e-30f,
        -87.3f,
        -87.4f,
        -104,
        5.1f,
        -5.1f,
        3e38f,
        -3e38f
    };

    private final SplittableRandom random = new SplittableRandom(11);

    protected float[] floats(int length) {
        float[] floats = new float[length];
        for (int i = 0; i < length; i++) {
            floats[i] = (float) random.nextDouble(-3, 3);
        }
        return floats;
    }

    protected MemorySegment memory(int length) {
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, length) * (long) Float.BYTES, 64);
        MemorySegment.copy(floats(length), 0, memory, F32, 0, length);
        return memory;
    }

    protected static MemorySegment copy(MemorySegment memory) {
        return Arena.ofAuto().allocate(memory.byteSize(), 64).copyFrom(memory);
    }

    protected static int[] bits(MemorySegment memory) {
        return memory.toArray(ValueLayout.JAVA_INT);
    }

    protected static int[] bits(float[] floats) {
        return bits(MemorySegment.ofArray(floats));
    }

    /** Special floats, and one of each so many of all others. */
    protected static float[] arguments(int stride, float greatest) {
        float[] arguments = new float[(int) (0xFFFF_FFFFL / stride) + SPECIAL.length];
        int count = 0;
        for (float special : SPECIAL) {
            arguments[count++] = special;
        }
        for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += stride) {
            float x = Float.intBitsToFloat((int) bits);
            if (x <= greatest && count < arguments.length) {
                arguments[count++] = x;
            }
        }
        return Arrays.copyOf(arguments, count / LANES * LANES);
    }

    protected void compare(MemorySegment start, Consumer<MemorySegment> expected, Consumer<MemorySegment> found) {
        MemorySegment one = copy(start);
        MemorySegment other = copy(start);
        expected.accept(one);
        found.accept(other);
        assertThat(bits(other)).isEqualTo(bits(one));
    }
}
