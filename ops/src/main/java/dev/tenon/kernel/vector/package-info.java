/**
 * Kernels of the vector tier: loops on the Vector API, the only package of the library that imports {@code jdk.incubator.vector}. Its
 * classes are loaded no earlier than a kernel of this tier is prepared, since the module may be absent.
 *
 * <p>What must not live here: choices between kernels, which belong to the tables in {@code dev.tenon.kernel}; plain
 * loops, but for those that stand in for loops on vectors until the JVM has compiled them
 * ({@link dev.tenon.kernel.Rehearsal}): they have the same bits, and are named {@code Plain}. To add a kernel: a class named by how it works, {@code VectorSoftmax}, with a static method that gives a
 * {@link dev.tenon.kernel.Kernel}, and a line in the family's table. Species are the constants of
 * {@link dev.tenon.kernel.vector.VectorShape}, which only loops touch: what plans a kernel does with its numbers, so that a
 * model is mapped and planned before the JVM has had to start any vector; packing weights that lie in memory may be what
 * does. Elementary functions are those of
 * {@link dev.tenon.kernel.vector.VectorMath}.
 *
 * <p>What bites: once a loop has grown past {@code NodeCountInliningCutoff}, C2 inlines the JDK's own methods into it
 * and no others, and a vector that crosses a call is an object. A segment's load or store takes the better part of a
 * thousand nodes, more where a call site has seen several kinds of memory. So loops are short, handle two vectors at a
 * time at most beside a few cheap operations, and write the JDK's loads and stores out instead of wrapping them. Arrays
 * cost less: where many vectors are alive at once, they come from arrays.
 *
 * <p>What C2 inlines, it decides by counts that the JDK's own methods keep once for the whole JVM: of the kinds of memory
 * and of the kinds of vectors that a call in them has seen. Where it has seen too few of any, or several, the call stays a
 * call in the loop, and a vector that passes it is an object for good. Nothing in a loop may depend on them:
 * <ul>
 * <li>A loop takes its segments through {@link dev.tenon.kernel.vector.Segments#NATIVE}{@code .cast}, one of the few checks
 *     that C2 makes by itself. It knows then what memory it is, keeps what it has asked of a segment out of the loop, and a
 *     store does not make it forget. A slice would do as much, but {@code asSlice} and {@code fill} are inlined by counts.
 * <li>A loop calls no method of a vector that comes around it, whose class C2 does not know when it comes to the call:
 *     {@code v.add(sum)}, not {@code sum.add(v)}. Where the order counts, {@code FLOATS.cast(sum)} tells the class; so it
 *     does of a vector that was loaded, reinterpreted or made of a number, where the next call is one of its methods. Tiles
 *     of products, softmax and elementary functions do not say so yet: they are near or past the bound above, to which each
 *     such check adds.
 * </ul>
 *
 * <p>What moves more than it computes is bound by two things besides memory. A loop with an offset of its own for each
 * row, {@code at + i * pitch}, pays for its start what a dozen vectors cost: where rows hold few vectors, one loop goes through
 * those of all rows and adds to offsets, as in {@link dev.tenon.kernel.vector.PairTaps} and
 * {@link dev.tenon.kernel.vector.VectorCopy}. And memory is read and written well in the order in which it lies: of
 * several rows the first is loaded first, few rows are written side by side, and what lies in the innermost dimension
 * comes before what lies in the next. Against that order the same loads take up to twice as long, which a shape that
 * fits the caches does not show.
 *
 * <p>What computes is bound by how many instructions a core takes at once as well as by its arithmetic: four a cycle on
 * some, and two where another thread shares the core, as clouds lend them. So a turn of a loop holds little else: its
 * variable is the index of arrays, places in segments are added up, and two short turns become one, as long as registers
 * last ({@link dev.tenon.kernel.vector.TallTile}; the tiles beside it spill, and gain nothing).
 *
 * <p>Until a loop is compiled the JDK reinterprets vectors, whether of other lanes or of fewer, by way of a segment over
 * an array of bytes. Its profile of stores is one for all loops, so that from then on every store into a segment whose
 * class is not told asks which of two kinds it is: convolutions of a network that has no other need of it become a
 * twentieth slower. Where a loop can do without, let it.
 */
package dev.tenon.kernel.vector;
