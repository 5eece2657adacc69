package dev.tenon.kernel.x64.elementwise;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDI;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
        return unary(code, bits, parameter, 0);
    }

    /**
     * A loop of one operand and two parameters.
     *
     * @param code the function
     * @param bits the width of vectors: 256 or 512
     * @param first its first parameter
     * @param second its second parameter
     * @return the loop
     */
    public static UnaryLoop unary(UnaryCode code, int bits, float first, float second) {
        NativeFunction function = function(code, bits, () -> unaryCode(code, bits));
        return new Unary(function, pair(first, second));
    }

    /**
     * Clip.
     *
     * @param bits the width of vectors: 256 or 512
     * @return the loop, whose bounds are one number each
     */
    public static TernaryLoop clip(int bits) {
        return new Clip(function(UnaryCode.CLIP, bits, () -> unaryCode(UnaryCode.CLIP, bits)));
    }

    /**
     * A conversion to float32.
     *
     * @param from int8, uint8 or int32
     * @param bits the width of vectors: 256 or 512
     * @return the loop
     */
    public static UnaryLoop toFloat(DType from, int bits) {
        String id = "cast_" + from.text() + "_f32_" + VectorEmitter.suffix(bits);
        return new ToFloat(KernelCode.of(id, () -> toFloatCode(from, bits)), from, bits / Float.SIZE);
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
        return KernelCode.of(code.name().toLowerCase(Locale.ROOT) + "_f32_" + VectorEmitter.suffix(bits), generator);
    }

    /** Arguments: x, y, the elements of a row, the bits of both parameters, the rows, bytes from a row to the next. */
    private static byte[] unaryCode(UnaryCode code, int bits) {
        VectorEmitter e = new VectorEmitter(bits);
        X64Assembler a = e.assembler();
        Label row = new Label();
        VectorRegister first = e.take();
        VectorRegister second = e.take();
        VectorRegister x = e.take();
        e.loadPool();
        a.emit(VectorInstruction.VMOVD, first.as(128), RCX);
        a.shr(RCX, Integer.SIZE);
        a.emit(VectorInstruction.VMOVD, second.as(128), RCX);
        e.broadcast(first);
        e.broadcast(second);
        a.bind(row);
        a.mov(RCX, 0);
        e.loop(
                RDX,
                R10,
                tail -> {
                    e.load(x, Address.at(RDI, RCX, 1, 0), tail);
                    code.emit(e, x, first, second);
                    e.store(Address.at(RSI, RCX, 1, 0), x, tail);
                },
                () -> a.add(RCX, e.bytes()));
        a.add(RDI, R9);
        a.add(RSI, R9);
        a.sub(R8, 1);
        a.jump(Condition.NOT_EQUAL, row);
        a.vzeroupper();
        a.ret();
        return e.finish();
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
                    code.emit(e, result, x, y);
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

    /** Arguments: x, y, the number of whole vectors, at least 1. */
    private static byte[] toFloatCode(DType from, int bits) {
        VectorEmitter e = new VectorEmitter(bits);
        X64Assembler a = e.assembler();
        VectorRegister x = e.take();
        Label turn = new Label();
        a.bind(turn);
        a.emit(
                switch (from) {
                    case INT8 -> VectorInstruction.VPMOVSXBD;
                    case UINT8 -> VectorInstruction.VPMOVZXBD;
                    default -> VectorInstruction.VMOVUPS;
                },
                x,
                Address.at(RDI, 0));
        a.emit(VectorInstruction.VCVTDQ2PS, x, x);
        a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(RSI, 0), x);
        a.add(RDI, e.lanes() * from.bits() / Byte.SIZE);
        a.add(RSI, e.bytes());
        a.sub(RDX, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.vzeroupper();
        a.ret();
        return e.finish();
    }

    private record ToFloat(NativeFunction function, DType from, int lanes) implements UnaryLoop {
        @Override
        public boolean isAssembled() {
            return true;
        }

        @Override
        public void run(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
            int width = from.bits() / Byte.SIZE;
            long source = OperandAddresses.address(x, xAt, (long) n * width);
            long target = OperandAddresses.address(y, yAt, (long) n * Float.BYTES);
            try {
                if (n >= lanes) {
                    function.call(source, target, n / lanes, 0, 0, 0);
                }
            } finally {
                Reference.reachabilityFence(x);
                Reference.reachabilityFence(y);
            }
            for (int i = n - n % lanes; i < n; i++) {
                y.set(ValueLayout.JAVA_FLOAT, yAt + (long) i * Float.BYTES, integer(x, xAt + (long) i * width));
            }
        }

        private int integer(MemorySegment x, long at) {
            return switch (from) {
                case INT8 -> x.get(ValueLayout.JAVA_BYTE, at);
                case UINT8 -> Byte.toUnsignedInt(x.get(ValueLayout.JAVA_BYTE, at));
                default -> x.get(ValueLayout.JAVA_INT, at);
            };
        }
    }

    private record Clip(NativeFunction function) implements TernaryLoop {
        @Override
        public boolean isAssembled() {
            return true;
        }

        @Override
        public void run(
                MemorySegment x,
                long xAt,
                MemorySegment least,
                long leastAt,
                MemorySegment greatest,
                long greatestAt,
                int steps,
                MemorySegment y,
                long yAt,
                int n) {
            float from = least.get(ValueLayout.JAVA_FLOAT, leastAt);
            float to = greatest.get(ValueLayout.JAVA_FLOAT, greatestAt);
            call(function, pair(from, to), x, xAt, y, yAt, 0, 1, n);
        }
    }

    private record Unary(NativeFunction function, long parameters) implements UnaryLoop {
        @Override
        public boolean isAssembled() {
            return true;
        }

        @Override
        public void run(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
            call(function, parameters, x, xAt, y, yAt, 0, 1, n);
        }

        @Override
        public void runRows(MemorySegment x, long xAt, MemorySegment y, long yAt, long rowBytes, int rows, int n) {
            if (rows > 0) {
                call(function, parameters, x, xAt, y, yAt, rowBytes, rows, n);
            }
        }
    }

    /** The bits of two parameters. */
    private static long pair(float first, float second) {
        return (long) Float.floatToRawIntBits(second) << Integer.SIZE
                | Integer.toUnsignedLong(Float.floatToRawIntBits(first));
    }

    private static void call(
            NativeFunction function,
            long parameters,
            MemorySegment x,
            long xAt,
            MemorySegment y,
            long yAt,
            long rowBytes,
            int rows,
            int n) {
        long bytes = (rows - 1) * rowBytes + (long) n * Float.BYTES;
        try {
            long from = OperandAddresses.address(x, xAt, bytes);
            function.call(from, OperandAddresses.address(y, yAt, bytes), n, parameters, rows, rowBytes);
        } finally {
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(y);
        }
    }

    private record Binary(NativeFunction function) implements BinaryLoop {
        @Override
        public boolean isAssembled() {
            return true;
        }

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
            long first = OperandAddresses.address(a, aAt, aStep == 0 ? Float.BYTES : bytes);
            long second = OperandAddresses.address(b, bAt, bStep == 0 ? Float.BYTES : bytes);
            int repeated = aStep == 0 ? FIRST_REPEATED : bStep == 0 ? SECOND_REPEATED : 0;
            try {
                function.call(first, second, OperandAddresses.address(y, yAt, bytes), n, repeated, 0);
            } finally {
                Reference.reachabilityFence(a);
                Reference.reachabilityFence(b);
                Reference.reachabilityFence(y);
            }
        }
    }
}
