package dev.tenon.nativecode;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.X64Assembler;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;

/**
 * The instruction sets of this machine: those that the processor has and whose registers the system saves. Source of the
 * bits: Intel, Architectures Software Developer's Manual, volume 2, CPUID and XGETBV. Thread-safe.
 */
public final class Processor {
    private static final int SSE_AVX_STATE = 0x6;
    private static final int AVX512_STATE = 0xE6;
    private static final int TILE_STATE = 0x60000;

    /** The leaf that says how large tiles are, and the one that says which of them an instruction multiplies. */
    private static final int TILE_PALETTE = 0x1D;

    private static final int TILE_PRODUCT = 0x1E;

    /** Number of the system call arch_prctl on Linux for x86-64. */
    private static final int ARCH_PRCTL = 158;

    private static final int ARCH_GET_XCOMP_PERM = 0x1022;
    private static final int ARCH_REQ_XCOMP_PERM = 0x1023;
    private static final int TILE_DATA = 18;

    private static final int ANSWER_BYTES = 16;

    private static NativeFunction question;

    private Processor() {}

    /**
     * Whether the instructions that this library emits mean anything here.
     *
     * @param system the value of {@code os.name}
     * @param architecture the value of {@code os.arch}
     */
    static boolean runs(String system, String architecture) {
        return system.equals("Linux") && (architecture.equals("amd64") || architecture.equals("x86_64"));
    }

    /** {@return why no machine code can run on this machine; null if it can} */
    public static String reasonAgainst() {
        String system = System.getProperty("os.name", "");
        String architecture = System.getProperty("os.arch", "");
        return runs(system, architecture)
                ? null
                : "machine code is for Linux on x86-64, this is " + system + " on " + architecture;
    }

    /**
     * Asks the processor and the system.
     *
     * @return the instruction sets; none if this is not Linux on x86-64
     * @throws CodeRefusedException if the system does not let this process run code of its own
     * @throws IllegalCallerException if this JVM was started with {@code --illegal-native-access=deny}
     */
    public static Set<InstructionSet> detect() {
        if (reasonAgainst() != null) {
            return EnumSet.noneOf(InstructionSet.class);
        }
        NativeFunction ask = question();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(ANSWER_BYTES, 64);
            int[] last = ask(ask, answer, 0, 0);
            int[] first = ask(ask, answer, 1, 0);
            boolean saves = bit(first[2], 27);
            if (!saves || last[0] < 7) {
                return EnumSet.noneOf(InstructionSet.class);
            }
            int[] seven = ask(ask, answer, 7, 0);
            int[] sevenOne = seven[0] >= 1 ? ask(ask, answer, 7, 1) : new int[4];
            int saved = ask(ask, answer, -1, 0)[0];
            Set<InstructionSet> sets = decode(first, seven, sevenOne, saved);
            if (last[0] < TILE_PRODUCT
                    || !hasTiles(ask(ask, answer, TILE_PALETTE, 1), ask(ask, answer, TILE_PRODUCT, 0))) {
                sets.remove(InstructionSet.AMX_INT8);
                sets.remove(InstructionSet.AMX_BF16);
            }
            return sets;
        }
    }

    /**
     * The name that the processor gives its maker, such as {@code GenuineIntel} or {@code AuthenticAMD}.
     *
     * @return twelve characters
     * @throws CodeRefusedException if the system does not let this process run code of its own
     * @throws IllegalCallerException if this JVM was started with {@code --illegal-native-access=deny}
     */
    public static String maker() {
        NativeFunction ask = question();
        try (Arena arena = Arena.ofConfined()) {
            return maker(ask(ask, arena.allocate(ANSWER_BYTES, 64), 0, 0));
        }
    }

    /** The name in EAX, EBX, ECX and EDX of leaf 0: it is in EBX, EDX and ECX, the first character lowest. */
    static String maker(int[] zero) {
        StringBuilder name = new StringBuilder();
        for (int register : new int[] {1, 3, 2}) {
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                name.append((char) (zero[register] >>> shift & 0xFF));
            }
        }
        return name.toString();
    }

    /**
     * Reads the answers.
     *
     * @param first EAX, EBX, ECX and EDX of leaf 1
     * @param seven the same of leaf 7
     * @param sevenOne the same of leaf 7, part 1
     * @param saved the states that the system saves
     */
    static Set<InstructionSet> decode(int[] first, int[] seven, int[] sevenOne, int saved) {
        Set<InstructionSet> sets = EnumSet.noneOf(InstructionSet.class);
        boolean fma = bit(first[2], 12) && bit(first[2], 28) && bit(first[2], 29);
        if ((saved & SSE_AVX_STATE) != SSE_AVX_STATE || !fma || !bit(seven[1], 5) || !bit(seven[1], 8)) {
            return sets;
        }
        sets.add(InstructionSet.AVX2);
        if (bit(sevenOne[0], 4)) {
            sets.add(InstructionSet.AVX_VNNI);
        }
        boolean wide = bit(seven[1], 16) && bit(seven[1], 17) && bit(seven[1], 30) && bit(seven[1], 31);
        if ((saved & AVX512_STATE) == AVX512_STATE && wide) {
            sets.add(InstructionSet.AVX512);
            if (bit(seven[2], 11)) {
                sets.add(InstructionSet.AVX512_VNNI);
            }
            if (bit(sevenOne[0], 5)) {
                sets.add(InstructionSet.AVX512_BF16);
            }
        }
        if ((saved & TILE_STATE) == TILE_STATE && bit(seven[3], 24)) {
            if (bit(seven[3], 25)) {
                sets.add(InstructionSet.AMX_INT8);
            }
            if (bit(seven[3], 22)) {
                sets.add(InstructionSet.AMX_BF16);
            }
        }
        return sets;
    }

    /**
     * Whether tiles have the sizes that kernels use: eight registers of 16 rows of 64 bytes, all of which one instruction
     * multiplies.
     *
     * @param palette EAX, EBX, ECX and EDX of leaf 0x1D, part 1
     * @param product the same of leaf 0x1E, part 0
     */
    static boolean hasTiles(int[] palette, int[] product) {
        int rowBytes = palette[1] & 0xFFFF;
        int registers = palette[1] >>> Short.SIZE;
        int rows = palette[2] & 0xFFFF;
        int mostTerms = product[1] & 0xFF;
        int mostColumnBytes = product[1] >>> Byte.SIZE & 0xFFFF;
        return rowBytes == 64 && registers >= 8 && rows == 16 && mostTerms >= 16 && mostColumnBytes >= 64;
    }

    /**
     * Asks the system for the right to use tiles, for all threads of this process. Without it their first use ends the
     * process.
     *
     * @return whether it gave the right
     */
    public static boolean requestTiles() {
        if (reasonAgainst() != null) {
            return false;
        }
        NativeFunction syscall = NativeFunction.ofSystem("syscall");
        if (syscall == null || syscall.call(ARCH_PRCTL, ARCH_REQ_XCOMP_PERM, TILE_DATA, 0, 0, 0) != 0) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment given = arena.allocate(ValueLayout.JAVA_LONG);
            long failed = syscall.call(ARCH_PRCTL, ARCH_GET_XCOMP_PERM, given.address(), 0, 0, 0);
            return failed == 0 && (given.get(ValueLayout.JAVA_LONG, 0) >> TILE_DATA & 1) == 1;
        }
    }

    /** The function that asks, made at the first call. Code is never given back, so there is one. */
    private static synchronized NativeFunction question() {
        if (question == null) {
            question = ExecutableMemory.publish(questionCode());
        }
        return question;
    }

    private static boolean bit(int word, int index) {
        return (word >>> index & 1) == 1;
    }

    private static int[] ask(NativeFunction ask, MemorySegment answer, int leaf, int part) {
        ask.call(answer.address(), leaf, part, 0, 0, 0);
        return answer.toArray(ValueLayout.JAVA_INT);
    }

    /**
     * A function of the address of an answer, a leaf and its part: the answer of CPUID; for leaf -1 that of XGETBV. It
     * takes arguments as Linux passes them.
     */
    private static byte[] questionCode() {
        X64Assembler a = new X64Assembler(EnumSet.noneOf(InstructionSet.class));
        Label states = new Label();
        Label end = new Label();
        a.mov(Gpr.R8, Gpr.RBX);
        a.mov(Gpr.RAX, Gpr.RSI);
        a.mov(Gpr.RCX, Gpr.RDX);
        a.cmp(Gpr.RSI, -1);
        a.jump(Condition.EQUAL, states);
        a.cpuid();
        a.jmp(end);
        a.bind(states);
        a.mov(Gpr.RCX, 0L);
        a.xgetbv();
        a.bind(end);
        a.store32(Address.at(Gpr.RDI, 0), Gpr.RAX);
        a.store32(Address.at(Gpr.RDI, 4), Gpr.RBX);
        a.store32(Address.at(Gpr.RDI, 8), Gpr.RCX);
        a.store32(Address.at(Gpr.RDI, 12), Gpr.RDX);
        a.mov(Gpr.RBX, Gpr.R8);
        a.ret();
        return a.toBytes();
    }
}
