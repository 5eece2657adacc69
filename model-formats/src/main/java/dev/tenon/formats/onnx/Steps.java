package dev.tenon.formats.onnx;

import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;

/**
 * Nodes that lowerings of many steps add again and again.
 *
 * @param node the node that is lowered
 */
record Steps(NodeLowering node) {
    /** A constant list of integers. */
    Value integers(long... values) {
        return node.constant(Tensor.of(values, values.length));
    }

    /** A constant scalar of an element type. */
    Value scalar(DType type, double value) {
        Tensor t = Tensor.allocate(type);
        t.setDouble(0, value);
        return node.constant(t);
    }

    /** An operator without attributes. */
    Value add(String operator, Value... operands) {
        return node.add(operator, Attributes.none(), operands);
    }

    /** A reshape, in which 0 stands for the same dimension and -1 for the rest. */
    Value reshape(Value v, long... dims) {
        return add("Reshape", v, integers(dims));
    }

    Value transpose(Value v, long... order) {
        return node.add("Transpose", Attributes.none().with("perm", order), v);
    }

    Value unsqueeze(Value v, long... axes) {
        return add("Unsqueeze", v, integers(axes));
    }

    Value cast(Value v, DType type) {
        return type(v) == type
                ? v
                : node.add("Cast", Attributes.none().with("to", (long) ElementTypes.number(type)), v);
    }

    Value concat(long axis, Value... parts) {
        return node.add("Concat", Attributes.none().with("axis", axis), parts);
    }

    Value gather(Value v, Value indices, long axis) {
        return node.add("Gather", Attributes.none().with("axis", axis), v, indices);
    }

    /** A part of an axis; the ends are lists of one element. */
    Value slice(Value v, Value from, Value to, long axis) {
        return add("Slice", v, from, to, integers(axis));
    }

    /** Some dimensions of a value, as a list. */
    Value dims(Value v, long from, long to) {
        return node.add("Shape", Attributes.none().with("start", from).with("end", to), v);
    }

    /** A list of one element as a scalar. */
    Value scalarOf(Value list) {
        return add("Reshape", list, integers());
    }

    /** Heads of keys or values repeated so that there is one for each head of queries, neighbours sharing one. */
    Value repeatedHeads(Value kv, Value query) {
        Value heads = dims(query, 1, 2);
        Value own = dims(kv, 1, 2);
        Value rest = dims(kv, 2, 4);
        Value shape = concat(0, dims(kv, 0, 1), own, add("Div", heads, own), rest);
        Value repeated = add("Expand", unsqueeze(kv, 2), shape);
        return add("Reshape", repeated, concat(0, dims(kv, 0, 1), heads, rest));
    }

    DType type(Value v) {
        if (v == null || v.tensorType() == null) {
            throw node.error(v == null ? "an operand that is missing" : "an operand " + v.type(), "a tensor", null);
        }
        return v.tensorType().dtype();
    }

    /** The rank of an operand, which must be known. */
    int rank(int input) {
        return rank(node.shape(input), input);
    }

    private int rank(Shape shape, int input) {
        if (!shape.hasRank()) {
            throw node.error(
                    "input " + input + " of unknown rank", "a known rank", "infer the shapes of the model first");
        }
        return shape.rank();
    }

    /** A dimension of an operand, or -1 if it is not known. */
    long dim(int input, int axis) {
        Shape s = node.shape(input);
        return s.hasRank() && axis < s.rank() && s.dim(axis).isKnown()
                ? s.dim(axis).value()
                : -1;
    }

    /** An attribute that must be given and at least 1. */
    long positive(String attribute) {
        long value = node.attributes().integer(attribute, 0);
        if (value < 1) {
            throw node.error(attribute + " " + value, "1 and above", null);
        }
        return value;
    }

    /** Refuses an attribute that is neither left out nor 0. */
    void refuse(String... attributes) {
        for (String name : attributes) {
            if (node.attributes().integer(name, 0) > 0) {
                throw node.error(name + " " + node.attributes().integer(name, 0), name + " 0", null);
            }
        }
    }

    /** Refuses operands that are not left out. */
    void refuseInputs(int from, int to) {
        for (int i = from; i < to; i++) {
            if (node.input(i) != null) {
                throw node.error("input " + i + " is given", "none", null);
            }
        }
    }
}
