package dev.tenon.kernel.x64.gemm;

import static dev.tenon.asm.Gpr.RDI;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Widens neighbouring bytes to int16, as products of 16-bit numbers read them. Immutable and thread-safe.
 *
 * @param signed whether the bytes are signed
 * @param function widens a number of vectors of 16 bytes
 */
public record Widening(boolean signed, NativeFunction function) {
    private static final int LANES = 16;
    private static final int BITS = 256;
    private static final int BYTE = 0xFF;

    /**
     * The function for bytes of a sign.
     *
     * @param signed whether they are signed
     * @return the function
     */
    public static Widening of(boolean signed) {
        return new Widening(signed, KernelCode.of(signed ? "widen_s8_avx2" : "widen_u8_avx2", () -> emit(signed)));
    }

    private static byte[] emit(boolean signed) {
        X64Assembler a = new X64Assembler(VectorEmitter.needs(BITS));
        VectorRegister x = VectorRegister.ymm(0);
        Label turn = new Label();
        a.align();
        a.bind(turn);
        a.emit(signed ? VectorInstruction.VPMOVSXBW : VectorInstruction.VPMOVZXBW, x, Address.at(RDI, 0));
        a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(RSI, 0), x);
        a.add(RDI, LANES);
        a.add(RSI, LANES * Short.BYTES);
        a.sub(RDX, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.vzeroupper();
        a.ret();
        return a.toBytes();
    }

    /**
     * Widens. The caller keeps both segments reachable. They do not overlap.
     *
     * @param from the bytes, in native memory
     * @param at the offset of the first one
     * @param to where the numbers go, in native memory
     * @param toAt the offset of the first one, bytes
     * @param count how many there are
     */
    public void run(MemorySegment from, long at, MemorySegment to, long toAt, long count) {
        if (count < LANES) {
            for (long i = 0; i < count; i++) {
                byte value = from.get(ValueLayout.JAVA_BYTE, at + i);
                to.set(ValueLayout.JAVA_SHORT_UNALIGNED, toAt + i * Short.BYTES, (short)
                        (signed ? value : value & BYTE));
            }
            return;
        }
        long source = from.address() + at;
        long target = to.address() + toAt;
        function.call(source, target, count / LANES, 0, 0, 0);
        if (count % LANES != 0) {
            // The last vector ends with the last byte, so it widens some bytes again.
            long last = count - LANES;
            function.call(source + last, target + last * Short.BYTES, 1, 0, 0, 0);
        }
    }
}
