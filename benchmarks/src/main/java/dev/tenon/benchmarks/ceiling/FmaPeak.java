package dev.tenon.benchmarks.ceiling;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.Tiers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The peak of float32 multiply-adds of one core: independent chains on registers, without memory. The speed of a kernel
 * is compared with this loop on the same core at the same time. Vectors are as wide as those of the vector tier, which
 * {@code -Dtenon.isa.max} limits; if the tier is off, they are the widest that the JVM supports.
 */
public final class FmaPeak {
    /** The length of the array that the loop needs. */
    public static final int VALUES = 64;

    private static final Capabilities MACHINE = Tiers.detect().capabilities();
    private static final VectorSpecies<Float> S = MACHINE.vector()
            ? VectorSpecies.of(float.class, VectorShape.forBitSize(MACHINE.vectorBits()))
            : FloatVector.SPECIES_PREFERRED;
    private static final boolean MANY = MACHINE.vector() ? MACHINE.vectorRegisters() == 32 : S.vectorBitSize() == 512;

    private FmaPeak() {}

    /**
     * The floating-point operations of one step of all chains. They depend on the JVM.
     *
     * @return operations; a multiply-add counts as two
     */
    public static double stepFlops() {
        return 2.0 * (MANY ? 24 : 12) * S.length();
    }

    /**
     * Runs the loop: 24 chains if there are 32 vector registers, 12 if there are 16.
     *
     * @param iterations steps of each chain
     * @param values at least {@link #VALUES} numbers, from which the chains start; receives their results
     * @return the floating-point operations; a multiply-add counts as two
     */
    public static double run(int iterations, float[] values) {
        return MANY ? run24(iterations, values) : run12(iterations, values);
    }

    private static double run12(int iterations, float[] values) {
        FloatVector x0 = FloatVector.fromArray(S, values, 0);
        FloatVector x1 = FloatVector.fromArray(S, values, 1);
        FloatVector x2 = FloatVector.fromArray(S, values, 2);
        FloatVector x3 = FloatVector.fromArray(S, values, 3);
        FloatVector x4 = FloatVector.fromArray(S, values, 4);
        FloatVector x5 = FloatVector.fromArray(S, values, 5);
        FloatVector x6 = FloatVector.fromArray(S, values, 6);
        FloatVector x7 = FloatVector.fromArray(S, values, 7);
        FloatVector x8 = FloatVector.fromArray(S, values, 8);
        FloatVector x9 = FloatVector.fromArray(S, values, 9);
        FloatVector x10 = FloatVector.fromArray(S, values, 10);
        FloatVector x11 = FloatVector.fromArray(S, values, 11);
        FloatVector a = FloatVector.fromArray(S, values, 12);
        FloatVector b = FloatVector.fromArray(S, values, 13);
        for (int i = 0; i < iterations; i++) {
            x0 = a.fma(b, x0);
            x1 = a.fma(b, x1);
            x2 = a.fma(b, x2);
            x3 = a.fma(b, x3);
            x4 = a.fma(b, x4);
            x5 = a.fma(b, x5);
            x6 = a.fma(b, x6);
            x7 = a.fma(b, x7);
            x8 = a.fma(b, x8);
            x9 = a.fma(b, x9);
            x10 = a.fma(b, x10);
            x11 = a.fma(b, x11);
        }
        x0.intoArray(values, 0);
        x1.intoArray(values, 1);
        x2.intoArray(values, 2);
        x3.intoArray(values, 3);
        x4.intoArray(values, 4);
        x5.intoArray(values, 5);
        x6.intoArray(values, 6);
        x7.intoArray(values, 7);
        x8.intoArray(values, 8);
        x9.intoArray(values, 9);
        x10.intoArray(values, 10);
        x11.intoArray(values, 11);
        return 2.0 * 12 * S.length() * iterations;
    }

    private static double run24(int iterations, float[] values) {
        FloatVector x0 = FloatVector.fromArray(S, values, 0);
        FloatVector x1 = FloatVector.fromArray(S, values, 1);
        FloatVector x2 = FloatVector.fromArray(S, values, 2);
        FloatVector x3 = FloatVector.fromArray(S, values, 3);
        FloatVector x4 = FloatVector.fromArray(S, values, 4);
        FloatVector x5 = FloatVector.fromArray(S, values, 5);
        FloatVector x6 = FloatVector.fromArray(S, values, 6);
        FloatVector x7 = FloatVector.fromArray(S, values, 7);
        FloatVector x8 = FloatVector.fromArray(S, values, 8);
        FloatVector x9 = FloatVector.fromArray(S, values, 9);
        FloatVector x10 = FloatVector.fromArray(S, values, 10);
        FloatVector x11 = FloatVector.fromArray(S, values, 11);
        FloatVector x12 = FloatVector.fromArray(S, values, 12);
        FloatVector x13 = FloatVector.fromArray(S, values, 13);
        FloatVector x14 = FloatVector.fromArray(S, values, 14);
        FloatVector x15 = FloatVector.fromArray(S, values, 15);
        FloatVector x16 = FloatVector.fromArray(S, values, 16);
        FloatVector x17 = FloatVector.fromArray(S, values, 17);
        FloatVector x18 = FloatVector.fromArray(S, values, 18);
        FloatVector x19 = FloatVector.fromArray(S, values, 19);
        FloatVector x20 = FloatVector.fromArray(S, values, 20);
        FloatVector x21 = FloatVector.fromArray(S, values, 21);
        FloatVector x22 = FloatVector.fromArray(S, values, 22);
        FloatVector x23 = FloatVector.fromArray(S, values, 23);
        FloatVector a = FloatVector.fromArray(S, values, 24);
        FloatVector b = FloatVector.fromArray(S, values, 25);
        for (int i = 0; i < iterations; i++) {
            x0 = a.fma(b, x0);
            x1 = a.fma(b, x1);
            x2 = a.fma(b, x2);
            x3 = a.fma(b, x3);
            x4 = a.fma(b, x4);
            x5 = a.fma(b, x5);
            x6 = a.fma(b, x6);
            x7 = a.fma(b, x7);
            x8 = a.fma(b, x8);
            x9 = a.fma(b, x9);
            x10 = a.fma(b, x10);
            x11 = a.fma(b, x11);
            x12 = a.fma(b, x12);
            x13 = a.fma(b, x13);
            x14 = a.fma(b, x14);
            x15 = a.fma(b, x15);
            x16 = a.fma(b, x16);
            x17 = a.fma(b, x17);
            x18 = a.fma(b, x18);
            x19 = a.fma(b, x19);
            x20 = a.fma(b, x20);
            x21 = a.fma(b, x21);
            x22 = a.fma(b, x22);
            x23 = a.fma(b, x23);
        }
        x0.intoArray(values, 0);
        x1.intoArray(values, 1);
        x2.intoArray(values, 2);
        x3.intoArray(values, 3);
        x4.intoArray(values, 4);
        x5.intoArray(values, 5);
        x6.intoArray(values, 6);
        x7.intoArray(values, 7);
        x8.intoArray(values, 8);
        x9.intoArray(values, 9);
        x10.intoArray(values, 10);
        x11.intoArray(values, 11);
        x12.intoArray(values, 12);
        x13.intoArray(values, 13);
        x14.intoArray(values, 14);
        x15.intoArray(values, 15);
        x16.intoArray(values, 16);
        x17.intoArray(values, 17);
        x18.intoArray(values, 18);
        x19.intoArray(values, 19);
        x20.intoArray(values, 20);
        x21.intoArray(values, 21);
        x22.intoArray(values, 22);
        x23.intoArray(values, 23);
        return 2.0 * 24 * S.length() * iterations;
    }
}
