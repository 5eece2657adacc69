/**
 * An assembler for x86-64 that Java code calls: it turns instructions into bytes. It knows registers, addresses, labels
 * and some hundred instructions of AVX2, AVX-512 and AMX, and which instruction set each of them needs.
 *
 * <p>This package does not run code and does not call native functions; {@code dev.tenon.nativecode} does. Loops that
 * compute something belong to {@code dev.tenon.kernel.x64}.
 *
 * <p>Read {@link dev.tenon.asm.X64Assembler} first, which names instructions; {@code X64Encoder} makes their bytes.
 *
 * <p>To add an instruction: one constant of {@link dev.tenon.asm.VectorInstruction}, with the numbers of the processor
 * manual. The test that compares listings with those of a disassembler covers it without another line.
 */
package dev.tenon.asm;
