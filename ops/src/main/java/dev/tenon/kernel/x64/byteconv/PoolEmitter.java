package dev.tenon.kernel.x64.byteconv;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.ArgumentSlot;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;
import dev.tenon.kernel.x64.VectorEmitter;

/**
 * Writes a function that finds the greatest bytes of a window, or averages it in float32 and rounds the averages to bytes: of
 * as many channels as a vector has bytes. Pixels are added row by row.
 *
 * @param max whether it finds the greatest, else averages
 * @param bits the width of vectors, 128, 256 or 512
 * @param signed whether the bytes are signed
 */
record PoolEmitter(boolean max, int bits, boolean signed) {
    /** The arguments of the function. */
    enum Argument implements ArgumentSlot {
        X,
        /** Bytes from a pixel to the next beside it. */
        X_PIXEL,
        /** Bytes from a row of the window to the next. */
        X_ROW,
        ROWS,
        COLUMNS,
        Y,
        /** The zero point of the input, int32. */
        ZERO,
        SCALE,
        /** The number of pixels, float32. */
        COUNT,
        OUT_SCALE,
        /** The zero point of the output, float32. */
        OUT_ZERO,
        /** The largest number that is converted to an integer. */
        LARGEST;
    }

    /** The order of packed bytes. */
    static final int ORDER_OFFSET = 192;

    /** The size of a block of arguments. */
    static final int BYTES = ORDER_OFFSET + 64;

    String id() {
        return (max ? "max_" : "average_")
                + (signed ? "s8_" : "u8_")
                + bits / Byte.SIZE
                + (bits == 512 ? "_avx512" : "_avx2");
    }

    byte[] emit() {
        X64Assembler a = new X64Assembler(VectorEmitter.needs(bits));
        VectorRegister[] sums = VectorRegister.range(0, RoundedBytes.VECTORS, bits);
        VectorRegister element = VectorRegister.of(4, bits);
        VectorRegister zero = VectorRegister.of(5, bits);
        VectorRegister scale = VectorRegister.of(6, bits);
        Registers registers = new Registers();
        Gpr row = registers.take();
        Gpr x = registers.take();
        Gpr rows = registers.take();
        Gpr columns = registers.take();
        Frame.enter(a);
        a.mov(row, Argument.X.address());
        a.mov(rows, Argument.ROWS.address());
        if (max) {
            a.emit(VectorInstruction.VMOVUPS, sums[0], Address.at(row, 0));
        } else {
            a.emit(VectorInstruction.VPBROADCASTD, zero, Argument.ZERO.address());
            a.emit(VectorInstruction.VBROADCASTSS, scale, Argument.SCALE.address());
            for (VectorRegister sum : sums) {
                a.emit(VectorInstruction.VXORPS, sum, sum, sum);
            }
        }
        Label nextRow = new Label();
        Label nextPixel = new Label();
        a.bind(nextRow);
        a.mov(x, row);
        a.mov(columns, Argument.COLUMNS.address());
        a.align();
        a.bind(nextPixel);
        if (max) {
            a.emit(signed ? VectorInstruction.VPMAXSB : VectorInstruction.VPMAXUB, sums[0], sums[0], Address.at(x, 0));
        } else {
            for (int v = 0; v < RoundedBytes.VECTORS; v++) {
                RoundedBytes.load(a, element, Address.at(x, v * bits / Integer.SIZE), signed);
                a.emit(VectorInstruction.VPSUBD, element, element, zero);
                a.emit(VectorInstruction.VCVTDQ2PS, element, element);
                a.emit(VectorInstruction.VMULPS, element, element, scale);
                a.emit(VectorInstruction.VADDPS, sums[v], sums[v], element);
            }
        }
        a.add(x, Argument.X_PIXEL.address());
        a.sub(columns, 1);
        a.jump(Condition.NOT_EQUAL, nextPixel);
        a.add(row, Argument.X_ROW.address());
        a.sub(rows, 1);
        a.jump(Condition.NOT_EQUAL, nextRow);
        if (!max) {
            round(a, sums);
        }
        a.mov(x, Argument.Y.address());
        a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(x, 0), sums[0]);
        Frame.leave(a);
        return a.toBytes();
    }

    private void round(X64Assembler a, VectorRegister[] sums) {
        VectorRegister number = VectorRegister.of(7, bits);
        VectorRegister order = VectorRegister.of(8, bits);
        finish(a, Argument.COUNT, VectorInstruction.VDIVPS, sums, number);
        finish(a, Argument.OUT_SCALE, VectorInstruction.VDIVPS, sums, number);
        finish(a, Argument.OUT_ZERO, VectorInstruction.VADDPS, sums, number);
        a.emit(VectorInstruction.VBROADCASTSS, number, Argument.LARGEST.address());
        if (bits > 128) {
            a.emit(VectorInstruction.VMOVUPS, order, Address.at(Frame.BLOCK, ORDER_OFFSET));
        }
        RoundedBytes.round(a, sums, number, order, signed);
    }

    private static void finish(
            X64Assembler a, Argument by, VectorInstruction operation, VectorRegister[] sums, VectorRegister number) {
        a.emit(VectorInstruction.VBROADCASTSS, number, by.address());
        for (VectorRegister sum : sums) {
            a.emit(operation, sum, sum, number);
        }
    }
}
