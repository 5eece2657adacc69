package dev.tenon.kernel.vector;

import dev.tenon.kernel.Capabilities;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector size of this machine, and the species of vectors of this size. The size is the one that the JVM prefers, at most
 * 512 bits, capped by {@code -Dtenon.isa.max}: {@code avx2} caps it at 256 bits, {@code sse} and {@code neon} at 128.
 *
 * <p>The sizes are plain numbers, by which kernels are planned. The species, which only loops need, are constants of nested
 * classes, because the JVM loads a hundred classes with the first species.
 */
public final class SimdSpecies {
    /** The size of a vector in bits: 128, 256 or 512. */
    public static final int BITS = bits();

    /** The number of 32-bit lanes of a vector. */
    public static final int LANES = BITS / Float.SIZE;

    /** The number of vector registers: 32 with AVX-512 and on AArch64, else 16. */
    public static final int REGISTERS =
            BITS == 512 || System.getProperty("os.arch", "").equals("aarch64") ? 32 : 16;

    /** Vectors of floats. A species must be a constant for C2 to turn vector operations into instructions. */
    public static final class Floats {
        /** Vectors of float32 lanes. */
        public static final VectorSpecies<Float> F32 =
                BITS == 512 ? FloatVector.SPECIES_512 : BITS == 256 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;

        /** The class of these vectors. Loops cast to it, see the description of the package. */
        public static final Class<? extends FloatVector> FLOATS =
                F32.vectorType().asSubclass(FloatVector.class);

        private Floats() {}
    }

    /** Vectors of doubles, and vectors of the same number of floats. */
    public static final class Doubles {
        /** Vectors of float64 lanes. */
        public static final VectorSpecies<Double> F64 = BITS == 512
                ? DoubleVector.SPECIES_512
                : BITS == 256 ? DoubleVector.SPECIES_256 : DoubleVector.SPECIES_128;

        /** Vectors of half the size, with as many float32 lanes as {@link #F64} has float64 lanes. */
        public static final VectorSpecies<Float> HALF =
                BITS == 512 ? FloatVector.SPECIES_256 : BITS == 256 ? FloatVector.SPECIES_128 : FloatVector.SPECIES_64;

        /** The class of {@link #F64} vectors. */
        public static final Class<? extends DoubleVector> DOUBLES =
                F64.vectorType().asSubclass(DoubleVector.class);

        private Doubles() {}
    }

    /** Vectors of integers. */
    public static final class Integers {
        /** Vectors of int32 lanes. */
        public static final VectorSpecies<Integer> I32 =
                BITS == 512 ? IntVector.SPECIES_512 : BITS == 256 ? IntVector.SPECIES_256 : IntVector.SPECIES_128;

        /** The class of these vectors. */
        public static final Class<? extends IntVector> INTS = I32.vectorType().asSubclass(IntVector.class);

        private Integers() {}
    }

    /** Vectors of bytes that go with vectors of 32-bit lanes. */
    public static final class Bytes {
        /** The smallest species with at least {@link #LANES} bytes. */
        public static final VectorSpecies<Byte> I8 = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

        private Bytes() {}
    }

    private SimdSpecies() {}

    /** The size of the vectors that the JVM prefers, bits, without the cap. */
    static int preferred() {
        return jdk.incubator.vector.VectorShape.preferredShape().vectorBitSize();
    }

    private static int bits() {
        return bits(preferred(), System.getProperty(Capabilities.WIDTH_PROPERTY, ""));
    }

    /**
     * The size of vectors.
     *
     * @param preferred the size of the vectors that the JVM prefers, bits
     * @param cap the value of {@code tenon.isa.max}, empty if it is not set. {@code Tiers.detect} refuses invalid values
     * @return the size, at most 512 bits
     */
    static int bits(int preferred, String cap) {
        return switch (cap) {
            case "avx2", "avxvnni" -> Math.min(preferred, 256);
            case "sse", "neon" -> Math.min(preferred, 128);
            default -> Math.min(preferred, 512);
        };
    }
}
