package dev.tenon.kernel.vector;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Tiling;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What the rest of Tenon may know of the vector tier without importing the Vector API. */
public final class VectorTier {
    private static final int SMALLEST_BITS = 128;
    private static final long WORTHWHILE_NANOS = 300;

    /** The version of the JDK whose Vector API all tests run with. */
    private static final int TESTED_VERSION = 25;

    /** The tiling of this machine's tile for typical caches. */
    public static final Tiling TYPICAL = Tiling.of(capabilities(Caches.TYPICAL));

    private VectorTier() {}

    /**
     * Whether the tier works. On a JVM of another version than the tests run with, one multiplication and addition is
     * tried and compared with the known answer; on one of that version it is not, since the first vector takes a JVM tens
     * of milliseconds, which whoever only loads a model need not wait for.
     *
     * @return null if the tier works, else why not
     */
    public static String check() {
        if (SimdSpecies.BITS < SMALLEST_BITS) {
            return "the widest vectors of this JVM have " + SimdSpecies.BITS + " bits, at least 128 are needed";
        }
        if (lacksMultiplyAdd(System.getProperty("os.arch", ""), SimdSpecies.preferred())) {
            return "the CPU, or the JVM by its options, has no fused multiply-add: vectors of 256 bits or more are needed";
        }
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return "this machine is big-endian";
        }
        return Runtime.version().feature() == TESTED_VERSION ? null : checkAnswer();
    }

    /**
     * Whether a machine has vectors and no fused multiply-add, which the JVM then computes with decimal numbers, ten
     * thousand times slower: of x86, what is older than AVX2.
     *
     * @param architecture the architecture as {@code os.arch} has it
     * @param preferred the bits of the vectors that the JVM prefers
     */
    static boolean lacksMultiplyAdd(String architecture, int preferred) {
        boolean x86 = architecture.equals("amd64") || architecture.equals("x86_64");
        return x86 && preferred <= SMALLEST_BITS;
    }

    /** Tries one multiplication and addition and compares with the known answer. */
    static String checkAnswer() {
        VectorSpecies<Float> s = SimdSpecies.Floats.F32;
        float[] result = new float[s.length()];
        float[] ramp = new float[s.length()];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = i;
        }
        FloatVector.fromArray(s, ramp, 0)
                .fma(FloatVector.broadcast(s, 3), FloatVector.broadcast(s, 1))
                .intoArray(result, 0);
        for (int i = 0; i < ramp.length; i++) {
            if (result[i] != 3 * i + 1) {
                return "a known answer came out wrong: 3 * " + i + " + 1 gave " + result[i];
            }
        }
        return null;
    }

    /**
     * The machine as kernels of this tier see it.
     *
     * @param caches its caches
     * @return capabilities with the tier on
     */
    public static Capabilities capabilities(Caches caches) {
        return new Capabilities(SimdSpecies.BITS, SimdSpecies.REGISTERS, WORTHWHILE_NANOS, caches);
    }

    /**
     * What the tier runs on.
     *
     * @return text for people
     */
    public static String detail() {
        return "Vector API, " + SimdSpecies.BITS + "-bit vectors, " + SimdSpecies.REGISTERS + " registers";
    }
}
