package dev.tenon.kernel.x64.attention;

import static dev.tenon.asm.Gpr.RDI;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;
import static dev.tenon.asm.VectorInstruction.VCVTPH2PS;
import static dev.tenon.asm.VectorInstruction.VMOVUPS_STORE;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;

/** Writes the function that makes float32 of float16 numbers, which is exact. */
final class PageWidening {
    private PageWidening() {}

    /**
     * The function. Arguments are the first number, the first result, and the number of vectors of float32, at least 1.
     *
     * @param bits the width of vectors: 256 or 512
     */
    static NativeFunction function(int bits) {
        return KernelCode.of("paged_widening_" + VectorEmitter.suffix(bits), () -> emit(bits));
    }

    private static byte[] emit(int bits) {
        X64Assembler a = new X64Assembler(VectorEmitter.needs(bits));
        VectorRegister x = VectorRegister.of(0, bits);
        Label turn = new Label();
        a.align();
        a.bind(turn);
        a.emit(VCVTPH2PS, x, Address.at(RDI, 0));
        a.emit(VMOVUPS_STORE, Address.at(RSI, 0), x);
        a.add(RDI, bits / Byte.SIZE / 2);
        a.add(RSI, bits / Byte.SIZE);
        a.sub(RDX, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.vzeroupper();
        a.ret();
        return a.toBytes();
    }
}
