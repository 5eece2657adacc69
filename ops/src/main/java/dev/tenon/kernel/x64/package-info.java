/**
 * The assembled tier: kernels in x86-64 code that Java writes at run time. This package has what their families share: which
 * instruction sets may be used ({@link dev.tenon.kernel.x64.X64Tier}), the functions that were made so far ({@link
 * dev.tenon.kernel.x64.KernelCode}), and how a function takes its arguments ({@link dev.tenon.kernel.x64.Frame},
 * {@link dev.tenon.kernel.x64.ArgumentSlot}).
 *
 * <p>Generators of code belong to the package of their family. A generator owns registers and loops; a small object for each
 * instruction set says how it loads, multiplies and adds.
 *
 * <p>A function gets the address of a block of arguments, which is the start of a run's scratch memory. The block holds raw
 * addresses, so the caller keeps the segments reachable until the call returns, and checks their sizes first: a fault in
 * machine code ends the process. No function reads mapped memory.
 */
package dev.tenon.kernel.x64;
