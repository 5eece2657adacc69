package dev.tenon.kernel.x64.elementwise;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDI;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.Operands;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Element-wise loops in machine code. They take any number of elements. Arguments of the functions are addresses and counts in
 * registers, so they need no block of arguments.
 */
public final class AssembledLoops {
    private static final int FIRST_REPEATED = 1;
    private static final int SECOND_REPEATED = 2;

    private AssembledLoops() {}

    /**
     * A loop of one operand.
     *
     * @param code the function
     * @param bits the width of vectors: 256 or 512
     * @param parameter its parameter; 0 if it has none
     * @return the loop
     */
    public static UnaryLoop unary(UnaryCode code, int bits, float parameter) {
        return new Unary(function(code, bits, () -> unaryCode(code, bits)), Float.floatToRawIntBits(parameter));
    }

    /**
     * A loop of two operands.
     *
     * @param code the function
     * @param bits the width of vectors: 256 or 512
     * @return the loop
     */
    public static BinaryLoop binary(BinaryCode code, int bits) {
        return new Binary(function(code, bits, () -> binaryCode(code, bits)));
    }

    private static NativeFunction function(Enum<?> code, int bits, Supplier<byte[]> generator) {
        return KernelCode.of(
                code.name().toLowerCase(Locale.ROOT) + "_f32_" + VectorEmitter.suffix(bits), generator);
    }

    /** Arguments: x, y, the number of elements, the bits of the parameter. */
    private static byte[] unaryCode(UnaryCode code, int bits) {
        VectorEmitter e = new VectorEmitter(bits);
        X64Assembler a = e.assembler();
        e.loadPool();
        VectorRegister parameter = e.take();
        VectorRegister x = e.take();
        a.emit(VectorInstruction.VMOVD, parameter.as(128), RCX);
        e.broadcast(parameter);
        e.loop(
                RDX,
                R10,
                tail -> {
                    e.load(x, Address.at(RDI, 0), tail);
                    code.body().emit(e, x, parameter);
                    e.store(Address.at(RSI, 0), x, tail);
                },
                () -> advance(a, e.bytes(), RDI, RSI));
        a.vzeroupper();
        a.ret();
        return e.finish();
    }

    private static void advance(X64Assembler a, int bytes, Gpr... addresses) {
        for (Gpr address : addresses) {
            a.add(address, bytes);
        }
    }

    /** Arguments: x, y, the result, the number of elements, which operand is repeated. */
    private static byte[] binaryCode(BinaryCode code, int bits) {
        VectorEmitter e = new VectorEmitter(bits);
        X64Assembler a = e.assembler();
        e.loadPool();
        Label first = new Label();
        Label second = new Label();
        Label end = new Label();
        a.cmp(R8, FIRST_REPEATED);
        a.jump(Condition.EQUAL, first);
        a.cmp(R8, SECOND_REPEATED);
        a.jump(Condition.EQUAL, second);
        binary(e, code, 0);
        a.jmp(end);
        a.bind(first);
        binary(e, code, FIRST_REPEATED);
        a.jmp(end);
        a.bind(second);
        binary(e, code, SECOND_REPEATED);
        a.bind(end);
        a.vzeroupper();
        a.ret();
        return e.finish();
    }

    private static void binary(VectorEmitter e, BinaryCode code, int repeated) {
        X64Assembler a = e.assembler();
        VectorRegister x = e.take();
        VectorRegister y = e.take();
        VectorRegister result = e.take();
        if (repeated != 0) {
            boolean isFirst = repeated == FIRST_REPEATED;
            a.emit(VectorInstruction.VBROADCASTSS, isFirst ? x : y, Address.at(isFirst ? RDI : RSI, 0));
        }
        e.loop(
                RCX,
                R10,
                tail -> {
                    if (repeated != FIRST_REPEATED) {
                        e.load(x, Address.at(RDI, 0), tail);
                    }
                    if (repeated != SECOND_REPEATED) {
                        e.load(y, Address.at(RSI, 0), tail);
                    }
                    code.body().emit(e, result, x, y);
                    e.store(Address.at(RDX, 0), result, tail);
                },
                () -> {
                    if (repeated != FIRST_REPEATED) {
                        a.add(RDI, e.bytes());
                    }
                    if (repeated != SECOND_REPEATED) {
                        a.add(RSI, e.bytes());
                    }
                    a.add(RDX, e.bytes());
                });
        e.give(x, y, result);
    }

    private record Unary(NativeFunction function, long parameter) implements UnaryLoop {
        @Override
        public void run(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
            long bytes = (long) n * Float.BYTES;
            try {
                function.call(Operands.address(x, xAt, bytes), Operands.address(y, yAt, bytes), n, parameter, 0, 0);
            } finally {
                Reference.reachabilityFence(x);
                Reference.reachabilityFence(y);
            }
        }
    }

    private record Binary(NativeFunction function) implements BinaryLoop {
        @Override
        public void run(
                MemorySegment a,
                long aAt,
                int aStep,
                MemorySegment b,
                long bAt,
                int bStep,
                MemorySegment y,
                long yAt,
                int n) {
            long bytes = (long) n * Float.BYTES;
            long first = Operands.address(a, aAt, aStep == 0 ? Float.BYTES : bytes);
            long second = Operands.address(b, bAt, bStep == 0 ? Float.BYTES : bytes);
            int repeated = aStep == 0 ? FIRST_REPEATED : bStep == 0 ? SECOND_REPEATED : 0;
            try {
                function.call(first, second, Operands.address(y, yAt, bytes), n, repeated, 0);
            } finally {
                Reference.reachabilityFence(a);
                Reference.reachabilityFence(b);
                Reference.reachabilityFence(y);
            }
        }
    }
}
