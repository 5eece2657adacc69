package dev.tenon.formats.onnx.lowering;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;

/**
 * Adds common operators to the graph on the way from a node to its canonical form, and checks operands and attributes
 * of the node.
 *
 * @param node the node that is lowered
 */
public record OpBuilder(NodeLowering node) {
    /**
     * Adds a constant list of integers.
     *
     * @param values the elements
     * @return an i64 tensor of rank 1
     */
    public Value integers(long... values) {
        return node.constant(Tensor.of(values, values.length));
    }

    /**
     * Adds a constant scalar.
     *
     * @param type its element type
     * @param value its value, rounded to the type
     * @return a tensor of rank 0
     */
    public Value scalar(DType type, double value) {
        Tensor t = Tensor.allocate(type);
        t.setDouble(0, value);
        return node.constant(t);
    }

    /**
     * Adds an operator without attributes.
     *
     * @param operator its name in the main domain
     * @param operands its operands, null for those left out
     * @return its output
     */
    public Value add(String operator, Value... operands) {
        return node.add(operator, Attributes.none(), operands);
    }

    /**
     * Adds a Reshape.
     *
     * @param v the data
     * @param dims the new dimensions; 0 keeps a dimension, and -1 takes the rest
     * @return the reshaped data
     */
    public Value reshape(Value v, long... dims) {
        return add("Reshape", v, integers(dims));
    }

    /**
     * Adds a Transpose.
     *
     * @param v the data
     * @param order for each axis of the result the axis of the data
     * @return the transposed data
     */
    public Value transpose(Value v, long... order) {
        return node.add("Transpose", Attributes.none().with("perm", order), v);
    }

    /**
     * Adds an Unsqueeze.
     *
     * @param v the data
     * @param axes the axes of the result that are inserted
     * @return the data with dimensions of 1 at these axes
     */
    public Value unsqueeze(Value v, long... axes) {
        return add("Unsqueeze", v, integers(axes));
    }

    /**
     * Adds a Cast, unless the value has the type.
     *
     * @param v the data
     * @param type the element type
     * @return the data in this type
     */
    public Value cast(Value v, DType type) {
        return type(v) == type
                ? v
                : node.add("Cast", Attributes.none().with("to", (long) ElementTypes.number(type)), v);
    }

    /**
     * Adds a Concat.
     *
     * @param axis the axis
     * @param parts the parts
     * @return the parts one after another
     */
    public Value concat(long axis, Value... parts) {
        return node.add("Concat", Attributes.none().with("axis", axis), parts);
    }

    /**
     * Adds a Gather.
     *
     * @param v the data
     * @param indices the indices
     * @param axis the axis that they count along
     * @return the elements at the indices
     */
    public Value gather(Value v, Value indices, long axis) {
        return node.add("Gather", Attributes.none().with("axis", axis), v, indices);
    }

    /**
     * Adds a Slice along one axis.
     *
     * @param v the data
     * @param from the first index, a list of one element
     * @param to the index after the last one, a list of one element
     * @param axis the axis
     * @return the slice
     */
    public Value slice(Value v, Value from, Value to, long axis) {
        return add("Slice", v, from, to, integers(axis));
    }

    /**
     * Adds a Shape.
     *
     * @param v the value
     * @param from the first axis
     * @param to the axis after the last one
     * @return the dimensions of these axes, an i64 tensor of rank 1
     */
    public Value dims(Value v, long from, long to) {
        return node.add("Shape", Attributes.none().with("start", from).with("end", to), v);
    }

    /**
     * Turns a tensor of one element into a scalar.
     *
     * @param list the tensor
     * @return the same element with rank 0
     */
    public Value scalarOf(Value list) {
        return add("Reshape", list, integers());
    }

    /**
     * The element type of a value.
     *
     * @param v the value
     * @return its element type
     * @throws dev.tenon.error.InvalidOperandException if it is null or no tensor
     */
    public DType type(Value v) {
        if (v == null || v.tensorType() == null) {
            throw node.error(v == null ? "an operand that is missing" : "an operand " + v.type(), "a tensor", null);
        }
        return v.tensorType().dtype();
    }

    /**
     * The rank of an operand.
     *
     * @param input the index of the operand
     * @return its rank
     * @throws dev.tenon.error.InvalidOperandException if the rank is not known
     */
    public int rank(int input) {
        Shape shape = node.shape(input);
        if (!shape.hasRank()) {
            throw node.error(
                    "input " + input + " of unknown rank", "a known rank", "infer the shapes of the model first");
        }
        return shape.rank();
    }

    /**
     * A dimension of an operand.
     *
     * @param input the index of the operand
     * @param axis the axis
     * @return the dimension, or -1 if it is not known
     */
    public long dim(int input, int axis) {
        Shape s = node.shape(input);
        return s.hasRank() && axis < s.rank() && s.dim(axis).isKnown()
                ? s.dim(axis).value()
                : -1;
    }

    /**
     * An attribute that must be given.
     *
     * @param attribute its name
     * @return its value, 1 or more
     * @throws dev.tenon.error.InvalidOperandException if it is less than 1
     */
    public long positive(String attribute) {
        long value = node.attributes().integer(attribute, 0);
        if (value < 1) {
            throw node.error(attribute + " " + value, "1 and above", null);
        }
        return value;
    }

    /**
     * Refuses attributes that are greater than 0.
     *
     * @param attributes their names
     * @throws dev.tenon.error.InvalidOperandException if one is
     */
    public void refuse(String... attributes) {
        for (String name : attributes) {
            if (node.attributes().integer(name, 0) > 0) {
                throw node.error(name + " " + node.attributes().integer(name, 0), name + " 0", null);
            }
        }
    }

    /**
     * Refuses operands.
     *
     * @param from the index of the first operand
     * @param to the index after the last operand
     * @throws dev.tenon.error.InvalidOperandException if one of them is given
     */
    public void refuseInputs(int from, int to) {
        for (int i = from; i < to; i++) {
            if (node.input(i) != null) {
                throw node.error("input " + i + " is given", "none", null);
            }
        }
    }
}
