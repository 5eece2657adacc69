package dev.tenon.kernel.x64.conv;

import static dev.tenon.asm.VectorInstruction.VADDPS;
import static dev.tenon.asm.VectorInstruction.VFMADD231PS;
import static dev.tenon.asm.VectorInstruction.VFNMADD231PS;
import static dev.tenon.asm.VectorInstruction.VMOVUPS;
import static dev.tenon.asm.VectorInstruction.VMULPS;
import static dev.tenon.asm.VectorInstruction.VSUBPS;

import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.conv.WinogradPoints;

/**
 * The transforms of one line of a tile for the points of {@link WinogradPoints}, on registers. With points 0, a, -a, b, -b and
 * infinity, each row of B' holds the coefficients of the product of all {@code x - p} except that of the row's own point.
 */
final class WinogradLines {
    private static final double A = WinogradPoints.POINT;
    private static final double B = 2 * A;

    private final X64Assembler a;

    /** The constants, in the order of {@link #inputConstants} or {@link #outputConstants}. */
    private final VectorRegister[] c;

    WinogradLines(X64Assembler a, VectorRegister[] constants) {
        this.a = a;
        c = constants;
    }

    static double[] inputConstants() {
        return new double[] {A, B, A * A, B * B, A * A + B * B, A * A * B * B};
    }

    static double[] outputConstants() {
        return new double[] {A, B, A * A, B * B, A * A * A, B * B * B};
    }

    /**
     * Code that transforms elements of an input tile of 4 or 6.
     *
     * @param d the elements, which are overwritten
     * @param free three registers
     * @return the registers of the results
     */
    VectorRegister[] input(VectorRegister[] d, VectorRegister[] free) {
        return d.length == 4 ? input2(d, free) : input4(d, free);
    }

    private VectorRegister[] input2(VectorRegister[] d, VectorRegister[] free) {
        a.emit(VSUBPS, free[0], d[2], d[0]);
        a.emit(VADDPS, free[1], d[2], d[1]);
        a.emit(VSUBPS, free[2], d[2], d[1]);
        a.emit(VSUBPS, d[3], d[3], d[1]);
        return new VectorRegister[] {free[0], free[1], free[2], d[3]};
    }

    private VectorRegister[] input4(VectorRegister[] d, VectorRegister[] free) {
        // d0 * product + (d4 - d2 * sum), and the same one element farther on.
        a.emit(VMOVUPS, free[0], d[4]);
        a.emit(VFNMADD231PS, free[0], d[2], c[4]);
        a.emit(VFMADD231PS, free[0], d[0], c[5]);
        a.emit(VMOVUPS, free[1], d[5]);
        a.emit(VFNMADD231PS, free[1], d[3], c[4]);
        a.emit(VFMADD231PS, free[1], d[1], c[5]);
        // p = d4 - d2 * bb, q = d3 - d1 * bb; p + q * a and p - q * a.
        a.emit(VMOVUPS, free[2], d[4]);
        a.emit(VFNMADD231PS, free[2], d[2], c[3]);
        a.emit(VMOVUPS, d[5], d[3]);
        a.emit(VFNMADD231PS, d[5], d[1], c[3]);
        a.emit(VMOVUPS, d[0], free[2]);
        a.emit(VFMADD231PS, d[0], d[5], c[0]);
        a.emit(VFNMADD231PS, free[2], d[5], c[0]);
        // The same with the other two points.
        a.emit(VFNMADD231PS, d[4], d[2], c[2]);
        a.emit(VFNMADD231PS, d[3], d[1], c[2]);
        a.emit(VMOVUPS, d[2], d[4]);
        a.emit(VFMADD231PS, d[2], d[3], c[1]);
        a.emit(VFNMADD231PS, d[4], d[3], c[1]);
        return new VectorRegister[] {free[0], d[0], free[2], d[2], d[4], free[1]};
    }

    /**
     * Code that transforms products, 4 or 6.
     *
     * @param m the products, which are overwritten
     * @param free a register
     * @param start a number that is added to each result, or null
     * @return the registers of the results, 2 or 4
     */
    VectorRegister[] output(VectorRegister[] m, VectorRegister free, VectorRegister start) {
        return m.length == 4 ? output2(m, start) : output4(m, free, start);
    }

    private VectorRegister[] output2(VectorRegister[] m, VectorRegister start) {
        a.emit(VADDPS, m[0], m[0], m[1]);
        a.emit(VADDPS, m[0], m[0], m[2]);
        a.emit(VADDPS, m[3], m[3], m[1]);
        a.emit(VSUBPS, m[3], m[3], m[2]);
        if (start != null) {
            a.emit(VADDPS, m[0], m[0], start);
            a.emit(VADDPS, m[3], m[3], start);
        }
        return new VectorRegister[] {m[0], m[3]};
    }

    private VectorRegister[] output4(VectorRegister[] m, VectorRegister free, VectorRegister start) {
        if (start != null) {
            a.emit(VADDPS, m[0], m[0], start);
            a.emit(VADDPS, m[5], m[5], start);
        }
        a.emit(VADDPS, free, m[1], m[2]);
        VectorRegister odd = m[2];
        a.emit(VSUBPS, odd, m[1], m[2]);
        VectorRegister even2 = m[1];
        a.emit(VADDPS, even2, m[3], m[4]);
        VectorRegister odd2 = m[3];
        a.emit(VSUBPS, odd2, m[3], m[4]);
        a.emit(VADDPS, m[0], m[0], free);
        a.emit(VADDPS, m[0], m[0], even2);
        a.emit(VFMADD231PS, m[5], odd2, c[5]);
        a.emit(VFMADD231PS, m[5], odd, c[4]);
        product(m[4], odd2, c[1], start);
        a.emit(VFMADD231PS, m[4], odd, c[0]);
        product(odd, even2, c[3], start);
        a.emit(VFMADD231PS, odd, free, c[2]);
        return new VectorRegister[] {m[0], m[4], odd, m[5]};
    }

    private void product(VectorRegister to, VectorRegister left, VectorRegister right, VectorRegister start) {
        if (start == null) {
            a.emit(VMULPS, to, left, right);
        } else {
            a.emit(VMOVUPS, to, start);
            a.emit(VFMADD231PS, to, left, right);
        }
    }
}
