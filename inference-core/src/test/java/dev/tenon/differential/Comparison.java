package dev.tenon.differential;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.Closeness;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Runs a model in all forms: optimised or not, with operands as inputs or constants, with known or symbolic dimensions.
 * Runs it by the peer too, optimised or not, and compares the results.
 */
final class Comparison {
    private static final DType[] NO_TYPES = {};

    private static final Map<DType, DType[]> WIDER = new EnumMap<>(Map.ofEntries(
            Map.entry(DType.FLOAT16, types(DType.FLOAT32, DType.FLOAT64)),
            Map.entry(DType.BFLOAT16, types(DType.FLOAT32, DType.FLOAT64)),
            Map.entry(DType.FLOAT8E4M3FN, types(DType.FLOAT32)),
            Map.entry(DType.FLOAT8E4M3FNUZ, types(DType.FLOAT32)),
            Map.entry(DType.FLOAT8E5M2, types(DType.FLOAT32)),
            Map.entry(DType.FLOAT8E5M2FNUZ, types(DType.FLOAT32)),
            Map.entry(DType.FLOAT8E8M0, types(DType.FLOAT32)),
            Map.entry(DType.FLOAT4E2M1, types(DType.FLOAT32)),
            Map.entry(DType.FLOAT32, types(DType.FLOAT64)),
            Map.entry(DType.INT2, types(DType.INT32, DType.INT64, DType.FLOAT64)),
            Map.entry(DType.INT4, types(DType.INT32, DType.INT64, DType.FLOAT64)),
            Map.entry(DType.INT8, types(DType.INT32, DType.INT64, DType.FLOAT64)),
            Map.entry(DType.INT16, types(DType.INT32, DType.INT64, DType.FLOAT64)),
            Map.entry(DType.INT32, types(DType.INT64, DType.FLOAT64)),
            Map.entry(DType.UINT2, types(DType.INT32, DType.INT64, DType.FLOAT64)),
            Map.entry(DType.UINT4, types(DType.INT32, DType.INT64, DType.FLOAT64)),
            Map.entry(DType.UINT8, types(DType.INT32, DType.INT64, DType.FLOAT64)),
            Map.entry(DType.UINT16, types(DType.INT32, DType.INT64, DType.FLOAT64)),
            Map.entry(DType.UINT32, types(DType.INT64, DType.FLOAT64)),
            // Types with the same bits, which suffice for operators that move, select, add or multiply.
            Map.entry(DType.UINT64, types(DType.INT64, DType.FLOAT64)),
            Map.entry(DType.INT64, types(DType.FLOAT64)),
            // Numbers in the place of strings and complex numbers, which suffice for operators that move elements.
            Map.entry(DType.STRING, types(DType.INT64, DType.FLOAT64)),
            Map.entry(DType.COMPLEX64, types(DType.INT64, DType.FLOAT64)),
            Map.entry(DType.COMPLEX128, types(DType.INT64, DType.FLOAT64)),
            Map.entry(DType.BOOL, types(DType.UINT8, DType.INT32, DType.INT64))));

    private final Peer peer;

    Comparison(Peer peer) {
        this.peer = peer;
    }

    private static DType[] types(DType... types) {
        return types;
    }

    /** Fails if results differ by more than the operator's contract allows. */
    void check(OperatorModel tested) {
        Model fed = model(tested.file(g -> !g.constant(), false, Map.of()));
        List<List<Datum>> expected = expected(tested, fed);
        boolean deterministic = fed.graph().nodes().stream().allMatch(n -> n.op().deterministic());
        // A Dropout that does not train draws random numbers but does not use them.
        if (!deterministic && !tested.operator().equals("Dropout")) {
            throw new AssertionError("no comparison of random numbers");
        }
        Numerics numerics = allowed(tested, fed);
        List<Datum> magnitudes = magnitudes(tested, fed);
        Map<String, Model> forms = new LinkedHashMap<>();
        forms.put("fed", fed);
        forms.put("symbolic", model(tested.file(g -> !g.constant(), true, Map.of())));
        forms.put("constant", model(tested.file(g -> false, false, Map.of())));
        OlderVersion older = OlderVersion.of(tested, fed);
        if (older != null) {
            forms.put("written at version " + older.version(), model(older.file()));
        }
        forms.forEach((form, model) -> {
            for (boolean optimize : new boolean[] {false, true}) {
                List<Datum> found = run(model, tested, optimize);
                for (int k = 0; k < expected.size(); k++) {
                    for (int i = 0; i < found.size(); i++) {
                        String what = tested.returned().get(i) + " (" + form + (optimize ? ", optimised" : "")
                                + ") beside the peer's" + (k == 1 ? " optimised" : "");
                        compare(what, found.get(i), expected.get(k).get(i), magnitudes.get(i), numerics);
                    }
                }
            }
        });
    }

    private static void compare(String what, Datum found, Datum expected, Datum magnitude, Numerics numerics) {
        if (expected == null) {
            if (!(found instanceof TensorSequence s) || s.size() != 0) {
                throw new AssertionError(what + ": " + found + " instead of an empty sequence");
            }
            return;
        }
        Datum own = found;
        if (found instanceof Tensor f
                && expected instanceof Tensor e
                && f.dtype() != e.dtype()
                && (f.dtype() == DType.STRING || f.dtype().isComplex() || e.dtype() == Peer.readable(f.dtype()))) {
            own = Tensors.convert(f, e.dtype());
        }
        Closeness.check(what, own, expected, own == found ? magnitude : null, numerics);
    }

    private static Model model(byte[] file) {
        return Model.load(ByteBuffer.wrap(file));
    }

    private static List<Datum> run(Model model, OperatorModel tested, boolean optimize) {
        Session session = model.session(SessionOptions.standard().threads(1).optimize(optimize));
        Map<String, Datum> inputs = new LinkedHashMap<>();
        for (OperatorModel.Given g : tested.given()) {
            if (model.inputs().stream().anyMatch(v -> v.name().equals(g.name()))) {
                inputs.put(g.name(), g.value());
            }
        }
        Outputs outputs = session.predict(inputs);
        return tested.returned().stream().map(outputs::get).toList();
    }

    /** The expected results: those of the peer, not optimised and optimised, or those that a deviation names. */
    private List<List<Datum>> expected(OperatorModel tested, Model fed) {
        List<Datum> own = reference(tested, fed);
        Deviations.Deviation deviation = Deviations.find(tested);
        return switch (deviation.instead()) {
            case NONE, RESPELLED -> {
                try {
                    yield peer(deviation.spelling().apply(tested), own);
                } catch (Peer.Refusal e) {
                    if (!e.unknown()) {
                        throw new AssertionError("the peer fails: " + e.getMessage(), e);
                    }
                    yield Formulas.has(tested) ? formula(tested) : wider(tested, own);
                }
            }
            case WIDER_PEER -> wider(tested, own);
            case FORMULA -> formula(tested);
            case REFERENCE -> List.of(own);
        };
    }

    private static List<List<Datum>> formula(OperatorModel tested) {
        return List.of(Formulas.results(tested));
    }

    /** The results of the peer in a wider type, for types that its operator does not have. */
    private List<List<Datum>> wider(OperatorModel tested, List<Datum> own) {
        List<String> refusals = new ArrayList<>();
        for (OperatorModel.Given g : tested.given()) {
            DType from = g.value().dtype();
            for (DType to : WIDER.getOrDefault(from, NO_TYPES)) {
                try {
                    return peer(tested.widened(from, to), own);
                } catch (Peer.Refusal e) {
                    refusals.add(to.text() + ": " + e.getMessage());
                }
            }
        }
        throw new AssertionError("the peer has no such operator, in wider types neither: " + refusals);
    }

    private List<List<Datum>> peer(OperatorModel tested, List<Datum> own) throws Peer.Refusal {
        Predicate<OperatorModel.Given> feeds = g -> !g.constant() && Peer.takes(g.value());
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        tested.given().stream().filter(feeds).forEach(g -> inputs.put(g.name(), g.value()));
        Map<String, DType> casts = new LinkedHashMap<>();
        for (int i = 0; i < own.size(); i++) {
            DType readable = own.get(i) instanceof Tensor t ? Peer.readable(t.dtype()) : null;
            if (readable != null) {
                casts.put(tested.returned().get(i), readable);
            }
        }
        byte[] file = tested.file(feeds, false, casts);
        List<List<Datum>> both = new ArrayList<>();
        for (boolean optimize : new boolean[] {false, true}) {
            List<Datum> results = peer.run(file, inputs, optimize);
            List<Datum> narrowed = new ArrayList<>();
            for (int i = 0; i < own.size(); i++) {
                narrowed.add(narrowed(results.get(i), own.get(i)));
            }
            both.add(narrowed);
        }
        return both;
    }

    /** Converts a result in a wider type back to the type of the model. */
    private static Datum narrowed(Datum result, Datum own) {
        boolean wide = result instanceof Tensor r
                && own instanceof Tensor o
                && r.dtype() != o.dtype()
                && o.dtype() != DType.STRING
                && !o.dtype().isComplex()
                && List.of(WIDER.getOrDefault(o.dtype(), NO_TYPES)).contains(r.dtype());
        return wide ? Tensors.convert((Tensor) result, ((Tensor) own).dtype()) : result;
    }

    private static List<Datum> reference(OperatorModel tested, Model fed) {
        List<Datum> inputs = new ArrayList<>();
        fed.inputs()
                .forEach(v -> tested.given().stream()
                        .filter(g -> g.name().equals(v.name()))
                        .forEach(g -> inputs.add(g.value())));
        return Interpreter.run(fed.graph(), inputs);
    }

    /** The accuracy of the tested operator. If it is several nodes here, that of the least accurate node. */
    private static Numerics numerics(OperatorModel tested, Model model) {
        Numerics widest = Numerics.EXACT;
        for (Node n : model.graph().nodes()) {
            Numerics of = n.op().numerics();
            if (n.op().schema().name().equals(tested.operator())) {
                return of;
            }
            widest = new Numerics(
                    Math.max(widest.ulps(), of.ulps()),
                    Math.max(widest.terms(), of.terms()),
                    Math.max(widest.floor(), of.floor()));
        }
        return widest;
    }

    /** Whether the library reads an operator as several others. */
    private static boolean isSeveral(OperatorModel tested, Model model) {
        List<Node> nodes = model.graph().nodes();
        return !tested.domain().isEmpty() && nodes.size() > 1
                || tested.isOneNode()
                        && nodes.stream().noneMatch(n -> n.op().schema().name().equals(tested.operator()));
    }

    /** The difference that a comparison allows. For several nodes, {@link ErrorMargins} computes it. */
    private static Numerics allowed(OperatorModel tested, Model model) {
        Numerics n = numerics(tested, model);
        return isSeveral(tested, model)
                ? new Numerics(2 * n.ulps(), Math.max(1, 2 * n.terms()), n.floor())
                : bothWays(n);
    }

    /** Both results may have errors within the accuracy. Results that are exact or rounded once must be equal. */
    private static Numerics bothWays(Numerics n) {
        boolean unique = n.ulps() <= Numerics.ROUNDED.ulps() && n.terms() == 0;
        return unique ? n : new Numerics(2 * n.ulps(), 2 * n.terms(), n.floor());
    }

    private static List<Datum> margins(OperatorModel tested, Model model) {
        Map<Value, Tensor> inputs = new IdentityHashMap<>();
        model.graph()
                .inputs()
                .forEach(v -> tested.given().stream()
                        .filter(g -> g.name().equals(v.name()))
                        .forEach(g -> inputs.put(v, g.value())));
        return ErrorMargins.magnitudes(model.graph(), inputs, allowed(tested, model));
    }

    private static List<Datum> magnitudes(OperatorModel tested, Model model) {
        List<Datum> none = new ArrayList<>(Collections.nCopies(tested.returned().size(), null));
        if (!tested.isOneNode() && isSeveral(tested, model)) {
            return margins(tested, model);
        }
        if (!tested.isOneNode() || tested.outputCount() != tested.returned().size()) {
            return none;
        }
        List<Datum> terms = Formulas.magnitudes(tested);
        if (terms != null) {
            return terms;
        }
        List<Node> nodes = model.graph().nodes();
        if (isSeveral(tested, model)) {
            return margins(tested, model);
        }
        // A control operator has captured values as further operands.
        if (nodes.size() != 1
                || nodes.getFirst().inputs().size() != tested.operands().size()) {
            return none;
        }
        Op op = nodes.getFirst().op();
        if (Magnitudes.has(op)) {
            return Magnitudes.of(op, tested.operands());
        }
        List<Datum> operands = new ArrayList<>(tested.operands());
        return Closeness.magnitudes(op, operands, tested.outputCount());
    }
}
