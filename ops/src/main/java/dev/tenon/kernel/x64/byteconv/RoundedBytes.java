package dev.tenon.kernel.x64.byteconv;

import dev.tenon.asm.Address;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Code that loads bytes as float32, and rounds float32 to bytes, four vectors at once. */
final class RoundedBytes {
    /** The vectors that are rounded together. */
    static final int VECTORS = 4;

    /** Packing keeps the order within so many bits. */
    private static final int LANE_BITS = 128;

    private static final int[] ORDER_512 = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
    private static final int[] ORDER_256 = {0, 4, 1, 5, 2, 6, 3, 7};

    private RoundedBytes() {}

    /** Code that loads as many bytes as a vector has int32. */
    static void load(X64Assembler a, VectorRegister to, Address from, boolean signed) {
        a.emit(signed ? VectorInstruction.VPMOVSXBD : VectorInstruction.VPMOVZXBD, to, from);
    }

    /** Code that rounds four vectors of float32, ties to even, and packs them into the first one; bytes saturate. */
    static void round(
            X64Assembler a, VectorRegister[] floats, VectorRegister largest, VectorRegister order, boolean signed) {
        for (int v = 0; v < VECTORS; v++) {
            a.emit(VectorInstruction.VMINPS, floats[v], largest, floats[v]);
            a.emit(VectorInstruction.VCVTPS2DQ, floats[v], floats[v]);
        }
        a.emit(VectorInstruction.VPACKSSDW, floats[0], floats[0], floats[1]);
        a.emit(VectorInstruction.VPACKSSDW, floats[2], floats[2], floats[3]);
        a.emit(signed ? VectorInstruction.VPACKSSWB : VectorInstruction.VPACKUSWB, floats[0], floats[0], floats[2]);
        if (floats[0].bits() > LANE_BITS) {
            a.emit(VectorInstruction.VPERMD, floats[0], order, floats[0]);
        }
    }

    /** Writes the order in which packed bytes are stored. */
    static void setOrder(MemorySegment block, long at, int bits) {
        int[] order = bits == 512 ? ORDER_512 : ORDER_256;
        for (int i = 0; i < order.length; i++) {
            block.set(ValueLayout.JAVA_INT, at + (long) i * Integer.BYTES, order[i]);
        }
    }
}
