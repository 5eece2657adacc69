package dev.tenon.kernel.vector;

import dev.tenon.kernel.Capabilities;
import dev.tenon.nativecode.SystemText;
import java.io.File;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shape of this machine: what the JVM prefers, capped by {@code -Dtenon.isa.max} ({@code avx512} caps at 512
 * bits as every machine is, {@code avx2} at 256, {@code sse} and {@code neon} at 128). Numbers, by which kernels are planned; the species, which loops need, are
 * constants of classes of their own, since the JVM loads and starts a hundred classes with the first one.
 */
public final class SimdSpecies {
    /** Bits of a vector: 128, 256 or 512. */
    public static final int BITS = bits();

    /** Lanes of a full vector of elements of 32 bits. */
    public static final int LANES = BITS / Float.SIZE;

    /** Vector registers: 32 with AVX-512 and on AArch64, else 16. */
    public static final int REGISTERS =
            BITS == 512 || System.getProperty("os.arch", "").equals("aarch64") ? 32 : 16;

    /** Vectors of floats. The species is a constant, which the compiler needs to turn vector operations into instructions. */
    public static final class Floats {
        /** float32 lanes of a full vector. */
        public static final VectorSpecies<Float> F32 =
                BITS == 512 ? FloatVector.SPECIES_512 : BITS == 256 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;

        /** The class of such vectors: see the package. */
        public static final Class<? extends FloatVector> FLOATS =
                F32.vectorType().asSubclass(FloatVector.class);

        private Floats() {}
    }

    /** Vectors of doubles, and of the floats that are as many. */
    public static final class Doubles {
        /** float64 lanes of a full vector. */
        public static final VectorSpecies<Double> F64 = BITS == 512
                ? DoubleVector.SPECIES_512
                : BITS == 256 ? DoubleVector.SPECIES_256 : DoubleVector.SPECIES_128;

        /** As many float32 lanes, in half a vector. */
        public static final VectorSpecies<Float> HALF =
                BITS == 512 ? FloatVector.SPECIES_256 : BITS == 256 ? FloatVector.SPECIES_128 : FloatVector.SPECIES_64;

        /** The class of full vectors. */
        public static final Class<? extends DoubleVector> DOUBLES =
                F64.vectorType().asSubclass(DoubleVector.class);

        private Doubles() {}
    }

    /** Vectors of integers. */
    public static final class Integers {
        /** int32 lanes of a full vector. */
        public static final VectorSpecies<Integer> I32 =
                BITS == 512 ? IntVector.SPECIES_512 : BITS == 256 ? IntVector.SPECIES_256 : IntVector.SPECIES_128;

        /** The class of such vectors. */
        public static final Class<? extends IntVector> INTS = I32.vectorType().asSubclass(IntVector.class);

        private Integers() {}
    }

    /** Vectors of bytes beside vectors of other elements. */
    public static final class Bytes {
        /** As many bytes as there are lanes, in the smallest species that holds them. */
        public static final VectorSpecies<Byte> I8 = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

        private Bytes() {}
    }

    private static final int STARTING_BYTES = 512;

    /**
     * Whether registers of 512 bits are worked on in halves, as processors of AMD's family 25 do: half a vector is then
     * half the work, elsewhere it is as much as a whole one.
     */
    public static final boolean HALVES =
            BITS == 512 && isOfFamily25(SystemText.start(new File("/proc/cpuinfo"), STARTING_BYTES));

    private SimdSpecies() {}

    /**
     * Whether a processor is of AMD's family 25.
     *
     * @param text how Linux describes it
     * @return false if the text says another one or nothing
     */
    public static boolean isOfFamily25(String text) {
        return text.contains("AuthenticAMD") && text.contains("cpu family\t: 25\n");
    }

    /** The bits of the vectors that the JVM prefers, whatever the cap. */
    static int preferred() {
        return jdk.incubator.vector.VectorShape.preferredShape().vectorBitSize();
    }

    private static int bits() {
        return bits(preferred(), System.getProperty(Capabilities.WIDTH_PROPERTY, ""));
    }

    /**
     * How wide vectors are.
     *
     * @param preferred the bits of the vectors that the JVM prefers
     * @param most the value of {@code tenon.isa.max}, empty if there is none; {@link Tiers#detect} refuses others than are told
     *     apart here
     * @return the bits, at most 512
     */
    static int bits(int preferred, String most) {
        return switch (most) {
            case "avx2" -> Math.min(preferred, 256);
            case "sse", "neon" -> Math.min(preferred, 128);
            default -> Math.min(preferred, 512);
        };
    }
}
