package dev.tenon.tensor;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.InvalidTensorException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * An immutable list of values of one type; mostly tensors, but sequences of maps and of sequences occur. The elements
 * are shared, not copied.
 */
public final class TensorSequence implements Datum, Iterable<Datum> {
    private final SequenceType type;
    private final List<Datum> elements;

    private TensorSequence(ValueType elementType, List<? extends Datum> elements) {
        this.type = new SequenceType(elementType);
        this.elements = List.copyOf(elements);
        WorkBudget.spend(this.elements.size());
        for (int i = 0; i < this.elements.size(); i++) {
            ValueType found = this.elements.get(i).type();
            if (!elementType.accepts(found)) {
                throw new InvalidTensorException("sequence", "element " + i + " is " + found, elementType.text(), null);
            }
        }
    }

    /**
     * A sequence of values.
     *
     * @param elementType the type of the elements
     * @param elements the elements
     * @return the sequence
     * @throws InvalidTensorException if the type does not accept an element's
     */
    public static TensorSequence of(ValueType elementType, List<? extends Datum> elements) {
        return new TensorSequence(elementType, elements);
    }

    /**
     * A sequence of one or more tensors of one element type. If all have one shape, it is part of the element type;
     * otherwise that is of unknown rank.
     *
     * @param first the first tensor
     * @param rest the tensors after it
     * @return the sequence
     * @throws InvalidTensorException if the element types differ
     */
    public static TensorSequence of(Tensor first, Tensor... rest) {
        Tensor[] all = new Tensor[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        boolean sameShape = Arrays.stream(rest).allMatch(t -> t.shape().equals(first.shape()));
        Shape shape = sameShape ? first.shape() : Shape.unknownRank();
        return new TensorSequence(new TensorType(first.dtype(), shape), Arrays.asList(all));
    }

    /**
     * A sequence without elements.
     *
     * @param elementType the type that elements would have
     * @return the sequence
     */
    public static TensorSequence empty(ValueType elementType) {
        return new TensorSequence(elementType, List.of());
    }

    @Override
    public SequenceType type() {
        return type;
    }

    @Override
    public TensorSequence copy() {
        return of(type.element(), elements.stream().map(Datum::copy).toList());
    }

    /**
     * Some of the elements.
     *
     * @param from the index of the first one
     * @param to the index after the last one
     * @return a sequence of the same type, which shares the elements
     * @throws InvalidTensorException if from is negative, above to, or to is above the size
     */
    public TensorSequence slice(int from, int to) {
        if (from < 0 || from > to || to > elements.size()) {
            throw new InvalidTensorException(
                    "sequence of " + elements.size(),
                    "elements " + from + " to " + to + " do not exist",
                    "0 <= from <= to <= " + elements.size(),
                    null);
        }
        return of(type.element(), elements.subList(from, to));
    }

    /** {@return the number of elements} */
    public int size() {
        return elements.size();
    }

    /**
     * One element.
     *
     * @param i its index
     * @return the element
     * @throws InvalidTensorException if the index is outside [0, size-1]
     */
    public Datum get(int i) {
        if (i < 0 || i >= elements.size()) {
            throw new InvalidTensorException(
                    "sequence of " + elements.size(),
                    "element " + i + " does not exist",
                    elements.isEmpty() ? "none, it is empty" : "[0, " + (elements.size() - 1) + "]",
                    null);
        }
        return elements.get(i);
    }

    /**
     * One element that is a tensor.
     *
     * @param i its index
     * @return the tensor
     * @throws InvalidTensorException if the index is outside [0, size-1] or the elements are no tensors
     */
    public Tensor tensor(int i) {
        if (get(i) instanceof Tensor tensor) {
            return tensor;
        }
        throw new InvalidTensorException("sequence", "element " + i + " is " + get(i).type(), "a tensor", null);
    }

    /** {@return the elements, unmodifiable} */
    public List<Datum> elements() {
        return elements;
    }

    @Override
    public Iterator<Datum> iterator() {
        return elements.iterator();
    }

    /** {@return the type, the size and the first elements} */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(type.text())
                .append(" of ")
                .append(elements.size())
                .append(" {");
        for (int i = 0; i < Math.min(elements.size(), 4); i++) {
            out.append(i == 0 ? "" : ", ").append(elements.get(i));
        }
        return out.append(elements.size() > 4 ? ", …}" : "}").toString();
    }
}
