package dev.tenon.benchmarks.ceiling;

import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import java.util.Set;
import java.util.regex.Pattern;

/** The instructions of which products in machine code consist, best first. A core's peak of each is a limit of its kernels. */
public enum Instruction {
    /** Products of bytes in tiles. */
    TILE_BYTES("tdpbusd", InstructionSet.AMX_INT8, VectorInstruction.TDPBUSD, 0, 2 * 16 * 16 * 64, "_amx.*"),
    /** Products of BF16 numbers in tiles. */
    TILE_BF16("tdpbf16ps", InstructionSet.AMX_BF16, VectorInstruction.TDPBF16PS, 0, 2 * 16 * 16 * 32, "_amx.*"),
    /** Dot products of bytes in 512 bits. */
    BYTES_512("vpdpbusd zmm", InstructionSet.AVX512_VNNI, VectorInstruction.VPDPBUSD, 512, 2 * 64, "_avx512vnni"),
    /** Dot products of bytes in 256 bits. */
    BYTES_256("vpdpbusd ymm", InstructionSet.AVX_VNNI, VectorInstruction.VPDPBUSD_VEX, 256, 2 * 32, "_avxvnni"),
    /** Dot products of BF16 numbers in 512 bits. */
    BF16_512("vdpbf16ps zmm", InstructionSet.AVX512_BF16, VectorInstruction.VDPBF16PS, 512, 2 * 32, "_avx512bf16"),
    /** Multiply-adds of float32 in 512 bits. */
    FLOAT_512("vfmadd zmm", InstructionSet.AVX512, VectorInstruction.VFMADD231PS, 512, 2 * 16, "_avx512"),
    /** Multiply-adds of float32 in 256 bits. */
    FLOAT_256("vfmadd ymm", InstructionSet.AVX2, VectorInstruction.VFMADD231PS, 256, 2 * 8, "_avx2");

    private static final Pattern PRODUCT = Pattern.compile("(gemm|block_gemm|conv|attention)_.*");
    private static final Pattern BF16 = Pattern.compile("_bf16_");
    private static final Pattern BYTES = Pattern.compile("_[usi]8");

    private final String title;
    private final InstructionSet set;
    private final VectorInstruction code;
    private final int bits;
    private final int operations;
    private final Pattern ids;

    Instruction(String title, InstructionSet set, VectorInstruction code, int bits, int operations, String ids) {
        this.title = title;
        this.set = set;
        this.code = code;
        this.bits = bits;
        this.operations = operations;
        this.ids = Pattern.compile(".*" + ids + "([^a-z].*)?");
    }

    /**
     * The instruction of a kernel.
     *
     * @param kernel the id of a kernel; may be null
     * @return the instruction; null if the kernel is not a product in machine code, or consists of others
     */
    public static Instruction of(String kernel) {
        if (kernel == null || !PRODUCT.matcher(kernel).matches()) {
            return null;
        }
        for (Instruction i : values()) {
            if (i.ids.matcher(kernel).matches() && i.fits(kernel)) {
                return i;
            }
        }
        return null;
    }

    /** Whether a kernel that uses the instruction set multiplies such numbers. */
    private boolean fits(String kernel) {
        boolean brain = BF16.matcher(kernel).find();
        boolean bytes = !brain && BYTES.matcher(kernel).find();
        return switch (this) {
            case TILE_BYTES, BYTES_512, BYTES_256 -> bytes;
            case TILE_BF16, BF16_512 -> brain;
            case FLOAT_512, FLOAT_256 -> !brain && !bytes;
        };
    }

    /**
     * Whether the machine has the instruction.
     *
     * @param sets its instruction sets
     * @return true if it has
     */
    public boolean isIn(Set<InstructionSet> sets) {
        return sets.contains(set);
    }

    /**
     * The name.
     *
     * @return the mnemonic, and the registers if there are several sizes
     */
    public String title() {
        return title;
    }

    /** The code for the assembler. */
    VectorInstruction code() {
        return code;
    }

    /** The bits of a register; 0 for a tile. */
    int bits() {
        return bits;
    }

    /** The additions and multiplications of one instruction. */
    int operations() {
        return operations;
    }
}
