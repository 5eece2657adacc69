package dev.tenon.kernel.table.elementwise;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.elementwise.ElementwiseKernel;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.TileLoop;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongBiFunction;

/**
 * Builds the kernel table of one element-wise operator, the fastest kernel first. Each call of {@link #vector} or {@link
 * #scalar} adds kernels for one element type. The other methods set properties of the kernels that are added after them.
 * Not safe for use by several threads.
 */
final class ElementwiseTableBuilder {
    private static final int[] VECTOR_BITS = {512, 256, 128};
    private static final List<CodeForm> ASSEMBLED = List.of(CodeForm.AVX512, CodeForm.AVX2);
    private static final int FLOAT_BITS = 32;

    /** A scalar loop takes about this many times as long as a vector loop. */
    private static final double SCALAR_FACTOR = 12;

    private static final double PICOS_PER_NANO = 1000;

    private final String name;
    private final List<KernelChoice<ElementwiseProblem>> choices = new ArrayList<>();
    private int operand;
    private int minBits;
    private int vectors = 1;

    /** The problems that the next lines take; null for all. */
    private Predicate<ElementwiseProblem> condition;

    /** Whether results of the next vector lines have other bits than those of scalar loops. */
    private boolean approximate;

    /** Makes the loop that the next lines run last on each tile of the result; null for none. */
    private Function<ElementwiseProblem, UnaryLoop> last;

    /** Gives the bits of an operand that is left out; null for operators without optional operands. */
    private ToLongBiFunction<Integer, DType> absent;

    /** A line of the table, with the properties that were set before it. */
    private final class Line {
        private final String id;

        /** The width of its vectors, or 0 for a scalar loop or one in machine code. */
        private final int bits;

        /** The form in machine code; empty if it is not in machine code. */
        private final List<CodeForm> forms;

        private final int granule;
        private final DType type;
        private final long picos;
        private final Function<ElementwiseProblem, ? extends TileLoop> loop;
        private final int input = operand;
        private final Predicate<ElementwiseProblem> taken = condition;
        private final boolean approximates = approximate;
        private final Function<ElementwiseProblem, UnaryLoop> lastLoop = last;

        private Line(
                String id,
                int bits,
                List<CodeForm> forms,
                int granule,
                DType type,
                long picos,
                Function<ElementwiseProblem, ? extends TileLoop> loop) {
            this.id = id;
            this.bits = bits;
            this.forms = forms;
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
                double nanos = elements * picos * SCALAR_FACTOR / PICOS_PER_NANO;
                // Bits do not depend on the number of elements, which grows with a batch.
                String small = c.refuseVector(approximates ? Double.MAX_VALUE : nanos);
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

        private Kernel prepare(ElementwiseProblem p, Capabilities c, CodeForm form) {
            long[] absentBits = new long[p.inputs().size()];
            for (int k = 0; absent != null && k < absentBits.length; k++) {
                absentBits[k] = absent.applyAsLong(k, p.dtype(0));
            }
            UnaryLoop end = lastLoop == null ? null : lastLoop.apply(p);
            return new ElementwiseKernel(
                    p, new ElementwiseKernel.LoopSpec(id, loop.apply(p), granule, picos, end, absentBits));
        }
    }

    private ElementwiseTableBuilder(String name) {
        this.name = name;
    }

    /**
     * Starts an empty table.
     *
     * @param name the name of the table, with which the ids of its kernels begin
     */
    static ElementwiseTableBuilder of(String name) {
        return new ElementwiseTableBuilder(name);
    }

    /** Sets the operand whose type selects a line: the first one unless this is called. */
    ElementwiseTableBuilder byOperand(int input) {
        operand = input;
        return this;
    }

    /** Leaves out the vector lines of shorter vectors than this. */
    ElementwiseTableBuilder fromBits(int bits) {
        minBits = bits;
        return this;
    }

    /** Sets the granule of vector lines: their loop takes a multiple of so many vectors. */
    ElementwiseTableBuilder blocks(int count) {
        vectors = count;
        return this;
    }

    /** Sets which problems the lines take, by the operator's attributes or by the types of the other operands. */
    ElementwiseTableBuilder when(Predicate<ElementwiseProblem> taken) {
        condition = taken;
        return this;
    }

    /** The next vector loops round otherwise than scalar ones. */
    ElementwiseTableBuilder approximate() {
        approximate = true;
        return this;
    }

    /** Sets a loop that runs on each tile of the result after all others. */
    ElementwiseTableBuilder last(Function<ElementwiseProblem, UnaryLoop> loop) {
        last = loop;
        return this;
    }

    /** Sets the bits that stand for an operand that is left out, by its index and the type of the first operand. */
    ElementwiseTableBuilder absent(ToLongBiFunction<Integer, DType> bits) {
        absent = bits;
        return this;
    }

    /**
     * Adds a vector loop: one kernel for each width of vectors.
     *
     * @param type the element type of the selecting operand, of 32 bits unless {@link #fromBits} is set for it
     * @param picos an estimate of the work, picoseconds for an element
     * @param loop makes the loop when a kernel is prepared
     */
    ElementwiseTableBuilder vector(DType type, long picos, Function<ElementwiseProblem, ? extends TileLoop> loop) {
        return vector(type, type.text(), picos, loop);
    }

    /** Adds a vector loop whose ids contain {@code types} in place of the type of the selecting operand. */
    ElementwiseTableBuilder vector(
            DType type, String types, long picos, Function<ElementwiseProblem, ? extends TileLoop> loop) {
        for (int bits : VECTOR_BITS) {
            if (bits >= minBits) {
                add(new Line(
                        name + "_" + types + "_vector" + bits,
                        bits,
                        List.of(),
                        vectors * bits / FLOAT_BITS,
                        type,
                        picos,
                        loop));
            }
        }
        return this;
    }

    /**
     * Adds a float32 loop in machine code: one kernel for each width of vectors. It takes any number of elements.
     *
     * @param picos an estimate of the work, picoseconds for an element
     * @param loop makes the loop when a kernel is prepared, for a problem and a width of vectors
     */
    ElementwiseTableBuilder assembled(long picos, BiFunction<ElementwiseProblem, Integer, ? extends TileLoop> loop) {
        return assembled(DType.FLOAT32, DType.FLOAT32.text(), picos, loop);
    }

    /** Adds a loop in machine code whose ids contain {@code types}. */
    ElementwiseTableBuilder assembled(
            DType type, String types, long picos, BiFunction<ElementwiseProblem, Integer, ? extends TileLoop> loop) {
        for (CodeForm form : ASSEMBLED) {
            String id = name + "_" + types + "_" + VectorEmitter.suffix(form.bits());
            add(new Line(id, 0, List.of(form), 1, type, picos, p -> loop.apply(p, form.bits())));
        }
        return this;
    }

    /**
     * Adds a scalar loop.
     *
     * @param type the element type of the selecting operand
     * @param picos an estimate of the work, picoseconds for an element
     * @param loop makes the loop when a kernel is prepared
     */
    ElementwiseTableBuilder scalar(DType type, long picos, Function<ElementwiseProblem, ? extends TileLoop> loop) {
        return scalar(type, type.text(), picos, loop);
    }

    /** Adds a scalar loop whose id contains {@code types} in place of the type of the selecting operand. */
    ElementwiseTableBuilder scalar(
            DType type, String types, long picos, Function<ElementwiseProblem, ? extends TileLoop> loop) {
        return add(new Line(name + "_" + types + "_scalar", 0, List.of(), 1, type, picos, loop));
    }

    private ElementwiseTableBuilder add(Line line) {
        choices.add(new KernelChoice<>(line.id, line.forms, line::refusal, line::prepare));
        return this;
    }

    KernelTable<ElementwiseProblem> build() {
        return new KernelTable<>(name, choices);
    }
}
