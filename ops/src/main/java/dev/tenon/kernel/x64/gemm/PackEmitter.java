package dev.tenon.kernel.x64.gemm;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RAX;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDI;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;
import static dev.tenon.asm.VectorInstruction.VADDPS;
import static dev.tenon.asm.VectorInstruction.VFMADD231PS;
import static dev.tenon.asm.VectorInstruction.VMOVD_STORE;
import static dev.tenon.asm.VectorInstruction.VMOVUPS;
import static dev.tenon.asm.VectorInstruction.VMOVUPS_STORE;
import static dev.tenon.asm.VectorInstruction.VSHUFPS;
import static dev.tenon.asm.VectorInstruction.VUNPCKHPS;
import static dev.tenon.asm.VectorInstruction.VUNPCKLPS;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;

/** Writes the functions that pack matrices of a call, such as keys and values, into panels of two vectors of columns. */
public final class PackEmitter {
    private static final int BLOCK = 4;
    private static final int LOW_HALVES = 0x44;
    private static final int HIGH_HALVES = 0xEE;

    private final VectorEmitter e;
    private final X64Assembler a;
    private final int panelRow;

    private PackEmitter(int bits) {
        e = new VectorEmitter(bits);
        a = e.assembler();
        panelRow = 2 * e.bytes();
    }

    /**
     * The function that transposes rows into the columns of a panel. Arguments: the first row, bytes from a row to the next, the
     * panel, the number of rows, the elements of a row.
     *
     * @param bits the width of vectors: 256 or 512
     * @return the function
     */
    public static NativeFunction transposing(int bits) {
        return KernelCode.of(
                "pack_columns_f32_" + VectorEmitter.suffix(bits), () -> new PackEmitter(bits).transposing());
    }

    /**
     * The function that copies a vector of columns of rows into a panel. Arguments: the first row, bytes from a row to the next,
     * the place in the panel, the number of rows, the columns. Its result is 0 if all elements are finite. Columns of the vector
     * that do not exist become 0.
     *
     * @param bits the width of vectors: 256 or 512
     * @return the function
     */
    public static NativeFunction copying(int bits) {
        return KernelCode.of("pack_rows_f32_" + VectorEmitter.suffix(bits), () -> new PackEmitter(bits).copying());
    }

    private byte[] transposing() {
        Label four = new Label();
        Label one = new Label();
        Label end = new Label();
        a.lea(R9, Address.at(RSI, RSI, 2, 0));
        a.bind(four);
        a.cmp(RCX, BLOCK);
        a.jump(Condition.LESS, one);
        transpose(BLOCK);
        a.lea(RDI, Address.at(RDI, RSI, BLOCK, 0));
        a.add(RDX, BLOCK * Float.BYTES);
        a.sub(RCX, BLOCK);
        a.jmp(four);
        a.bind(one);
        a.test(RCX);
        a.jump(Condition.EQUAL, end);
        transpose(1);
        a.add(RDI, RSI);
        a.add(RDX, Float.BYTES);
        a.sub(RCX, 1);
        a.jmp(one);
        a.bind(end);
        a.vzeroupper();
        a.ret();
        return e.finish();
    }

    /** Code for 4 rows or one. R10: the element; R11: its place in the panel. */
    private void transpose(int rows) {
        Label block = new Label();
        Label one = new Label();
        Label end = new Label();
        Gpr place = VectorEmitter.POOL;
        a.mov(R10, 0);
        a.mov(place, RDX);
        if (rows == BLOCK) {
            a.bind(block);
            a.lea(RAX, Address.at(R10, BLOCK));
            a.cmp(RAX, R8);
            a.jump(Condition.GREATER, one);
            transposeBlock(place);
            a.mov(R10, RAX);
            a.add(place, BLOCK * panelRow);
            a.jmp(block);
        }
        a.bind(one);
        a.cmp(R10, R8);
        a.jump(Condition.GREATER_EQUAL, end);
        for (int r = 0; r < rows; r++) {
            // The address of the element of the row: the base, the row's offset and the element's.
            a.mov(RAX, RDI);
            for (int i = 0; i < r; i++) {
                a.add(RAX, RSI);
            }
            a.mov32(RAX, Address.at(RAX, R10, Float.BYTES, 0));
            a.store32(Address.at(place, r * Float.BYTES), RAX);
        }
        a.add(R10, 1);
        a.add(place, panelRow);
        a.jmp(one);
        a.bind(end);
    }

    private void transposeBlock(Gpr place) {
        VectorRegister[] rows = new VectorRegister[BLOCK];
        VectorRegister[] pairs = new VectorRegister[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            rows[i] = VectorRegister.xmm(i);
            pairs[i] = VectorRegister.xmm(BLOCK + i);
        }
        a.lea(Gpr.RAX, Address.at(RDI, R10, Float.BYTES, 0));
        a.emit(VMOVUPS, rows[0], Address.at(RAX, 0));
        a.emit(VMOVUPS, rows[1], Address.at(RAX, RSI, 1, 0));
        a.emit(VMOVUPS, rows[2], Address.at(RAX, RSI, 2, 0));
        a.emit(VMOVUPS, rows[3], Address.at(RAX, R9, 1, 0));
        a.emit(VUNPCKLPS, pairs[0], rows[0], rows[1]);
        a.emit(VUNPCKLPS, pairs[1], rows[2], rows[3]);
        a.emit(VUNPCKHPS, pairs[2], rows[0], rows[1]);
        a.emit(VUNPCKHPS, pairs[3], rows[2], rows[3]);
        for (int i = 0; i < BLOCK; i++) {
            int half = i / 2 * 2;
            a.emit(VSHUFPS, rows[i], pairs[half], pairs[half + 1], i % 2 == 0 ? LOW_HALVES : HIGH_HALVES);
            a.emit(VMOVUPS_STORE, Address.at(place, i * panelRow), rows[i]);
        }
        a.lea(RAX, Address.at(R10, BLOCK));
    }

    private byte[] copying() {
        Label row = new Label();
        Label partial = new Label();
        Label end = new Label();
        e.loadPool();
        VectorRegister x = e.take();
        VectorRegister zero = e.take();
        VectorRegister sum = e.take();
        e.clear(zero);
        e.clear(sum);
        a.cmp(R8, e.lanes());
        a.jump(Condition.NOT_EQUAL, partial);
        a.bind(row);
        copyRow(x, zero, sum, false);
        a.jump(Condition.NOT_EQUAL, row);
        a.jmp(end);
        a.bind(partial);
        e.setTail(R8);
        Label rest = new Label();
        a.bind(rest);
        copyRow(x, zero, sum, true);
        a.jump(Condition.NOT_EQUAL, rest);
        a.bind(end);
        e.combineLanes(sum, VADDPS);
        a.emit(VMOVD_STORE, RAX, sum.as(128));
        a.vzeroupper();
        a.ret();
        return e.finish();
    }

    /** Zero times a number is zero, or NaN if the number is not finite. */
    private void copyRow(VectorRegister x, VectorRegister zero, VectorRegister sum, boolean tail) {
        e.load(x, Address.at(RDI, 0), tail);
        a.emit(VFMADD231PS, sum, x, zero);
        a.emit(VMOVUPS_STORE, Address.at(RDX, 0), x);
        a.add(RDI, RSI);
        a.add(RDX, panelRow);
        a.sub(RCX, 1);
    }
}
