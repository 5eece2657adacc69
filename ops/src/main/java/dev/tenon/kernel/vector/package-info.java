/**
 * The parts that all kernels of the vector tier share: the vector shape of this machine ({@link
 * dev.tenon.kernel.vector.SimdSpecies}), elementary functions ({@link dev.tenon.kernel.vector.VectorMath}), and sums across
 * lanes. The packages {@code dev.tenon.kernel.vector.<family>} hold the kernels. Together they are the only packages
 * that import {@code jdk.incubator.vector}.
 *
 * <p>The module may be absent, so classes load only when a kernel of this tier is prepared. Code that plans a kernel reads
 * the numbers in {@link dev.tenon.kernel.vector.SimdSpecies}; only loops touch its species.
 *
 * <p>Must not live here: choices between kernels; scalar loops. A loop is plain: one clear loop a kernel, no copy of it for
 * special sizes, and none for the time before the JVM has compiled it.
 *
 * <p>To add a kernel: a class named by how it works, such as {@code VectorSoftmax}, in the package of its family, with a
 * static method that returns a {@link dev.tenon.kernel.Kernel}, and one line in the family's table.
 *
 * <h2>How to write a loop that C2 compiles well</h2>
 *
 * <p>C2 decides by its budget of nodes and by type profiles whether it inlines a call. The JDK keeps one profile for each of
 * its own methods, shared by all callers in the JVM. A call that is not inlined turns every vector that crosses it into an
 * object. So:
 * <ul>
 * <li>Keep a loop short: at most two vectors at a time plus a few cheap operations. A load or store of a segment costs about a
 *     thousand nodes. Once a loop has more than {@code NodeCountInliningCutoff} nodes, C2 inlines the JDK's methods only.
 *     Arrays cost less: use them where many vectors are alive at once.
 * <li>Call the JDK's loads and stores directly. A wrapper method is one more call to inline.
 * <li>Cast every segment first: {@link dev.tenon.kernel.vector.Segments#NATIVE}{@code .cast}. C2 then knows the class of the
 *     segment without a profile and moves its checks out of the loop. A slice would have the same effect, but {@code asSlice}
 *     and {@code fill} are inlined by profile.
 * <li>Do not call a method on a vector that the loop carries from one iteration to the next, because C2 does not know its
 *     class yet: write {@code v.add(sum)}, not {@code sum.add(v)}. If the order matters, {@code FLOATS.cast(sum)} states the
 *     class. The same holds for a vector that was loaded, reinterpreted or broadcast just before the call.
 * <li>Start each accumulator from a load of its own. Accumulators that share one zero vector keep that object alive.
 * <li>Avoid reinterpreting between lane types: until the loop is compiled, the JDK does it through a byte array, and this
 *     changes the shared profile of segment stores for every other loop.
 * </ul>
 *
 * <p>Memory should be read and written in the order of addresses; any other order can take twice the time once data no longer
 * fits the caches.
 *
 * <p>Compute-bound loops are limited by the number of instructions a core starts in a cycle as well as by arithmetic. Index
 * arrays by the loop variable, add to segment offsets, and unroll by two while registers last.
 */
package dev.tenon.kernel.vector;
