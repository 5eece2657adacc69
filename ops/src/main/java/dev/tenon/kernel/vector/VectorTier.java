package dev.tenon.kernel.vector;

import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Tiling;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The vector tier, for code that does not import the Vector API: whether it works, and its capabilities. */
public final class VectorTier {
    private static final int MIN_BITS = 128;
    private static final long MIN_VECTOR_NANOS = 300;

    /** The version of the JDK that all tests run with. */
    private static final int TESTED_VERSION = 25;

    /** The tiling for the register tile of this machine and for typical caches. */
    public static final Tiling TYPICAL = Tiling.of(capabilities(Caches.TYPICAL));

    private VectorTier() {}

    /**
     * Checks whether the tier works. On a JVM of another version than the tests run with, it computes a known answer with
     * vectors. On the tested version it does not, because a JVM takes tens of milliseconds to create its first vector, and a
     * program that only loads a model should not wait for that.
     *
     * @return null if the tier works, else the reason why not
     */
    public static String check() {
        if (SimdSpecies.BITS < MIN_BITS) {
            return "the widest vectors of this JVM have " + SimdSpecies.BITS + " bits, at least 128 are needed";
        }
        if (lacksMultiplyAdd(System.getProperty("os.arch", ""), SimdSpecies.preferred())) {
            return "the CPU, or the JVM by its options, has no fused multiply-add: vectors of 256 bits or more are needed";
        }
        String compiler = System.getProperty("java.vm.info", "");
        if (lacksOptimizer(compiler)) {
            return "this JVM runs without its optimizing compiler (" + compiler
                    + "), which vector loops need; leave out -Xint and -XX:TieredStopAtLevel";
        }
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return "this machine is big-endian";
        }
        return Runtime.version().feature() == TESTED_VERSION ? null : checkAnswer();
    }

    /**
     * Whether a machine has no fused multiply-add, as x86 processors older than AVX2. The JVM then computes it with {@code
     * BigDecimal}, thousands of times slower.
     *
     * @param architecture the value of {@code os.arch}
     * @param preferred the size of the vectors that the JVM prefers, bits
     * @return true if it has none
     */
    static boolean lacksMultiplyAdd(String architecture, int preferred) {
        boolean x86 = architecture.equals("amd64") || architecture.equals("x86_64");
        return x86 && preferred <= MIN_BITS;
    }

    /**
     * Whether a JVM interprets all code, or compiles it by its fast compiler only. Each vector is an object then, and scalar
     * loops are many times faster.
     *
     * @param info the value of {@code java.vm.info}
     * @return true if the JVM has no optimizing compiler
     */
    static boolean lacksOptimizer(String info) {
        return info.contains("interpreted mode") || info.contains("emulated-client");
    }

    /** Computes one multiplication and addition and compares it with the known answer. */
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
     * The capabilities of this machine with this tier.
     *
     * @param caches the caches of the machine
     * @return capabilities with the tier on
     */
    public static Capabilities capabilities(Caches caches) {
        return new Capabilities(SimdSpecies.BITS, SimdSpecies.REGISTERS, MIN_VECTOR_NANOS, caches);
    }

    /**
     * The size and number of the vector registers, as readable text.
     *
     * @return one line
     */
    public static String detail() {
        return "Vector API, " + SimdSpecies.BITS + "-bit vectors, " + SimdSpecies.REGISTERS + " registers";
    }
}
