package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.elementwise.ElementwiseKernel;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.TileLoop;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.op.Op;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Clip;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongBiFunction;

/**
 * Builds the kernel table of one element-wise operator, the best kernel first. A line names the element type of an
 * operand, an estimate of the work in picoseconds for an element, and how the loop is made when a kernel is prepared.
 */
final class ElementwiseTable {
    private static final int[] VECTOR_BITS = {512, 256, 128};
    private static final int FLOAT_BITS = 32;

    /** How many times longer a plain loop takes for an element, roughly. */
    private static final double SCALAR_FACTOR = 12;

    private static final double PICOS_PER_NANO = 1000;
    private static final int CLIP_OPERANDS = 3;

    private final String name;
    private final List<KernelChoice<ElementwiseProblem>> choices = new ArrayList<>();
    private int operand;
    private int smallestBits;
    private int vectors = 1;
    /** What the lines that follow need, or do at the end, or take for an operand that is left out; null for nothing. */
    private Predicate<ElementwiseProblem> condition;

    private Function<ElementwiseProblem, UnaryLoop> last;
    private ToLongBiFunction<Integer, DType> absent;

    /** A line, with what was said before it. Of vectors of some bits, or plain if there are none. */
    private final class Line {
        private final String id;
        private final int bits;
        private final int granule;
        private final DType type;
        private final long picos;
        private final Function<ElementwiseProblem, ? extends TileLoop> loop;
        private final int input = operand;
        private final Predicate<ElementwiseProblem> taken = condition;
        private final Function<ElementwiseProblem, UnaryLoop> end = last;

        private Line(
                String id,
                int bits,
                int granule,
                DType type,
                long picos,
                Function<ElementwiseProblem, ? extends TileLoop> loop) {
            this.id = id;
            this.bits = bits;
            this.granule = granule;
            this.type = type;
            this.picos = picos;
            this.loop = loop;
        }

        private String refusal(ElementwiseProblem p, Capabilities c) {
            if (bits > 0 && c.vector() && c.vectorBits() != bits) {
                return "the vectors of this machine have other lengths";
            }
            if (bits > 0) {
                double elements = p.output().shape().knownElements();
                String small = c.refuseVector(elements * picos * SCALAR_FACTOR / PICOS_PER_NANO);
                if (small != null) {
                    return small;
                }
            }
            if (p.dtype(input) != type) {
                return "operand " + input + " is " + p.dtype(input).text() + ", not " + type.text();
            }
            return taken == null || taken.test(p)
                    ? null
                    : "made for other attributes or other types of the other operands";
        }

        private Kernel prepare(ElementwiseProblem p) {
            long[] absentBits = new long[p.inputs().size()];
            for (int k = 0; absent != null && k < absentBits.length; k++) {
                absentBits[k] = absent.applyAsLong(k, p.dtype(0));
            }
            UnaryLoop atEnd = end == null ? null : end.apply(p);
            return new ElementwiseKernel(
                    p, new ElementwiseKernel.Body(id, loop.apply(p), granule, picos, atEnd, absentBits));
        }
    }

    private ElementwiseTable(String name) {
        this.name = name;
    }

    static ElementwiseTable of(String name) {
        return new ElementwiseTable(name);
    }

    /** Makes the lines that follow look at the type of another operand than the first. */
    ElementwiseTable byOperand(int input) {
        operand = input;
        return this;
    }

    /** Makes the vector lines that follow need vectors of at least so many bits. */
    ElementwiseTable fromBits(int bits) {
        smallestBits = bits;
        return this;
    }

    /** Makes the vector lines that follow have a granule of several vectors. */
    ElementwiseTable blocks(int count) {
        vectors = count;
        return this;
    }

    /** Makes the lines that follow take some problems only: attributes, or the types of the other operands. */
    ElementwiseTable when(Predicate<ElementwiseProblem> taken) {
        condition = taken;
        return this;
    }

    /** What the lines that follow do to each tile of the result at the end. */
    ElementwiseTable last(Function<ElementwiseProblem, UnaryLoop> loop) {
        last = loop;
        return this;
    }

    /** The bits that stand for an operand that is left out, by its index and the type of the first operand. */
    ElementwiseTable absent(ToLongBiFunction<Integer, DType> bits) {
        absent = bits;
        return this;
    }

    /** Adds a vector loop of float32 lanes: a choice for each width of vectors. */
    ElementwiseTable vector(DType type, long picos, Function<ElementwiseProblem, ? extends TileLoop> loop) {
        return vector(type, type.text(), picos, loop);
    }

    /** Adds a vector loop under an id that names more than the type of the operand. */
    ElementwiseTable vector(
            DType type, String types, long picos, Function<ElementwiseProblem, ? extends TileLoop> loop) {
        for (int bits : VECTOR_BITS) {
            if (bits >= smallestBits) {
                add(new Line(
                        name + "_" + types + "_vector" + bits, bits, vectors * bits / FLOAT_BITS, type, picos, loop));
            }
        }
        return this;
    }

    /** Adds a plain loop. */
    ElementwiseTable scalar(DType type, long picos, Function<ElementwiseProblem, ? extends TileLoop> loop) {
        return scalar(type, type.text(), picos, loop);
    }

    /** Adds a plain loop under an id that names more than the type of the operand. */
    ElementwiseTable scalar(
            DType type, String types, long picos, Function<ElementwiseProblem, ? extends TileLoop> loop) {
        return add(new Line(name + "_" + types + "_scalar", 0, 1, type, picos, loop));
    }

    private ElementwiseTable add(Line line) {
        choices.add(new KernelChoice<>(line.id, line::refusal, line::prepare));
        return this;
    }

    KernelTable<ElementwiseProblem> build() {
        return new KernelTable<>(name, choices);
    }

    /** How a step of an operator with such a table is prepared: operands lie row-major. */
    static Kernel prepare(KernelTable<ElementwiseProblem> table, Op op, KernelRequest step) {
        TensorType output = step.outputs().get(0);
        if (!step.plain() || output == null) {
            return null;
        }
        return table.prepare(
                new ElementwiseProblem(op, operands(op, step.inputs()), output, step.inputCount()),
                step.capabilities());
    }

    /** The operands whose elements count: of CastLike the first, of Clip always three. */
    private static List<TensorType> operands(Op op, List<TensorType> inputs) {
        if (op instanceof CastLike) {
            return inputs.subList(0, 1);
        }
        List<TensorType> all = new ArrayList<>(inputs);
        while (op instanceof Clip && all.size() < CLIP_OPERANDS) {
            all.add(null);
        }
        return all;
    }
}
