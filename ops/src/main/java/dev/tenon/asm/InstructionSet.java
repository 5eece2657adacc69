package dev.tenon.asm;

/** Extensions of x86-64 that kernels in machine code need. Each is available on its own, except where one names another. */
public enum InstructionSet {
    /** 256-bit integer and float vectors, with FMA, F16C and BMI2. */
    AVX2,
    /** 512-bit vectors: AVX-512 F, BW, DQ and VL together. Implies {@link #AVX2}. */
    AVX512,
    /** Dot products of bytes in 256-bit registers, in the VEX encoding. */
    AVX_VNNI,
    /** Dot products of bytes in 512-bit registers. Implies {@link #AVX512}. */
    AVX512_VNNI,
    /** Dot products of pairs of BF16 numbers in 512-bit registers. Implies {@link #AVX512}. */
    AVX512_BF16,
    /** Tiles of bytes. */
    AMX_INT8,
    /** Tiles of BF16 numbers. */
    AMX_BF16
}
