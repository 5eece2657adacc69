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
 * Runs a sketch in every form that it has here (optimised or not, its inputs fed or constant, with known dimensions or
 * symbols for them), and by the peer, optimised or not, and compares each with each.
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
            // The same bits, which is all that counts where data are moved or selected, added or multiplied.
            Map.entry(DType.UINT64, types(DType.INT64, DType.FLOAT64)),
            Map.entry(DType.INT64, types(DType.FLOAT64)),
            // Numbers that stand for strings and for complex ones: all that moves need.
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
    void check(Sketch sketch) {
        Model fed = model(sketch.file(g -> !g.constant(), false, Map.of()));
        List<List<Datum>> expected = expected(sketch, fed);
        boolean deterministic = fed.graph().nodes().stream().allMatch(n -> n.op().deterministic());
        // A Dropout that is told not to train draws numbers and has no use for them.
        if (!deterministic && !sketch.operator().equals("Dropout")) {
            throw new AssertionError("no comparison of random numbers");
        }
        Numerics numerics = allowed(sketch, fed);
        List<Datum> magnitudes = magnitudes(sketch, fed);
        Map<String, Model> forms = new LinkedHashMap<>();
        forms.put("fed", fed);
        forms.put("symbolic", model(sketch.file(g -> !g.constant(), true, Map.of())));
        forms.put("constant", model(sketch.file(g -> false, false, Map.of())));
        OlderVersion older = OlderVersion.of(sketch, fed);
        if (older != null) {
            forms.put("written at version " + older.version(), model(older.file()));
        }
        forms.forEach((form, model) -> {
            for (boolean optimize : new boolean[] {false, true}) {
                List<Datum> found = run(model, sketch, optimize);
                for (int k = 0; k < expected.size(); k++) {
                    for (int i = 0; i < found.size(); i++) {
                        String what = sketch.returned().get(i) + " (" + form + (optimize ? ", optimised" : "")
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

    private static List<Datum> run(Model model, Sketch sketch, boolean optimize) {
        Session session = model.session(SessionOptions.standard().threads(1).optimize(optimize));
        Map<String, Datum> inputs = new LinkedHashMap<>();
        for (Sketch.Given g : sketch.given()) {
            if (model.inputs().stream().anyMatch(v -> v.name().equals(g.name()))) {
                inputs.put(g.name(), g.value());
            }
        }
        Outputs outputs = session.predict(inputs);
        return sketch.returned().stream().map(outputs::get).toList();
    }

    /** What results are compared with: the peer's, not optimised and optimised, or what a deviation has instead. */
    private List<List<Datum>> expected(Sketch sketch, Model fed) {
        List<Datum> own = reference(sketch, fed);
        Deviations.Deviation deviation = Deviations.find(sketch);
        return switch (deviation.instead()) {
            case NONE, RESPELLED -> {
                try {
                    yield peer(deviation.spelling().apply(sketch), own);
                } catch (Peer.Refusal e) {
                    if (!e.unknown()) {
                        throw new AssertionError("the peer fails: " + e.getMessage(), e);
                    }
                    yield Formulas.has(sketch) ? formula(sketch) : wider(sketch, own);
                }
            }
            case WIDER_PEER -> wider(sketch, own);
            case FORMULA -> formula(sketch);
            case REFERENCE -> List.of(own);
        };
    }

    private static List<List<Datum>> formula(Sketch sketch) {
        return List.of(Formulas.results(sketch));
    }

    /** The peer's results in a wider type, for types that it does not have the operator for. */
    private List<List<Datum>> wider(Sketch sketch, List<Datum> own) {
        List<String> refusals = new ArrayList<>();
        for (Sketch.Given g : sketch.given()) {
            DType from = g.value().dtype();
            for (DType to : WIDER.getOrDefault(from, NO_TYPES)) {
                try {
                    return peer(sketch.widened(from, to), own);
                } catch (Peer.Refusal e) {
                    refusals.add(to.text() + ": " + e.getMessage());
                }
            }
        }
        throw new AssertionError("the peer has no such operator, in wider types neither: " + refusals);
    }

    private List<List<Datum>> peer(Sketch sketch, List<Datum> own) throws Peer.Refusal {
        Predicate<Sketch.Given> feeds = g -> !g.constant() && Peer.takes(g.value());
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        sketch.given().stream().filter(feeds).forEach(g -> inputs.put(g.name(), g.value()));
        Map<String, DType> casts = new LinkedHashMap<>();
        for (int i = 0; i < own.size(); i++) {
            DType readable = own.get(i) instanceof Tensor t ? Peer.readable(t.dtype()) : null;
            if (readable != null) {
                casts.put(sketch.returned().get(i), readable);
            }
        }
        byte[] file = sketch.file(feeds, false, casts);
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

    /** A result back in the type that it has in the model, where it was made in a wider one. */
    private static Datum narrowed(Datum result, Datum own) {
        boolean wide = result instanceof Tensor r
                && own instanceof Tensor o
                && r.dtype() != o.dtype()
                && o.dtype() != DType.STRING
                && !o.dtype().isComplex()
                && List.of(WIDER.getOrDefault(o.dtype(), NO_TYPES)).contains(r.dtype());
        return wide ? Tensors.convert((Tensor) result, ((Tensor) own).dtype()) : result;
    }

    private static List<Datum> reference(Sketch sketch, Model fed) {
        List<Datum> inputs = new ArrayList<>();
        fed.inputs()
                .forEach(v -> sketch.given().stream()
                        .filter(g -> g.name().equals(v.name()))
                        .forEach(g -> inputs.add(g.value())));
        return Interpreter.run(fed.graph(), inputs);
    }

    /** The contract of the tested operator; of the least exact node where it is several here. */
    private static Numerics numerics(Sketch sketch, Model model) {
        Numerics widest = Numerics.EXACT;
        for (Node n : model.graph().nodes()) {
            Numerics of = n.op().numerics();
            if (n.op().schema().name().equals(sketch.operator())) {
                return of;
            }
            widest = new Numerics(
                    Math.max(widest.ulps(), of.ulps()),
                    Math.max(widest.terms(), of.terms()),
                    Math.max(widest.floor(), of.floor()));
        }
        return widest;
    }

    /** Whether the library reads an operator as others of the standard. */
    private static boolean isSeveral(Sketch sketch, Model model) {
        List<Node> nodes = model.graph().nodes();
        return !sketch.domain().isEmpty() && nodes.size() > 1
                || sketch.isOneNode()
                        && nodes.stream().noneMatch(n -> n.op().schema().name().equals(sketch.operator()));
    }

    /** What a comparison allows; of several nodes it is {@link Margins} that tell how much it comes to. */
    private static Numerics allowed(Sketch sketch, Model model) {
        Numerics n = numerics(sketch, model);
        return isSeveral(sketch, model)
                ? new Numerics(2 * n.ulps(), Math.max(1, 2 * n.terms()), n.floor())
                : bothWays(n);
    }

    /** Both results may err, each by the contract; but what is exact or rounded once is the same for both. */
    private static Numerics bothWays(Numerics n) {
        boolean unique = n.ulps() <= Numerics.ROUNDED.ulps() && n.terms() == 0;
        return unique ? n : new Numerics(2 * n.ulps(), 2 * n.terms(), n.floor());
    }

    private static List<Datum> margins(Sketch sketch, Model model) {
        Map<Value, Tensor> inputs = new IdentityHashMap<>();
        model.graph()
                .inputs()
                .forEach(v -> sketch.given().stream()
                        .filter(g -> g.name().equals(v.name()))
                        .forEach(g -> inputs.put(v, g.value())));
        return Margins.magnitudes(model.graph(), inputs, allowed(sketch, model));
    }

    private static List<Datum> magnitudes(Sketch sketch, Model model) {
        List<Datum> none = new ArrayList<>(Collections.nCopies(sketch.returned().size(), null));
        if (!sketch.isOneNode() && isSeveral(sketch, model)) {
            return margins(sketch, model);
        }
        if (!sketch.isOneNode() || sketch.outputCount() != sketch.returned().size()) {
            return none;
        }
        List<Datum> terms = Formulas.magnitudes(sketch);
        if (terms != null) {
            return terms;
        }
        List<Node> nodes = model.graph().nodes();
        if (isSeveral(sketch, model)) {
            return margins(sketch, model);
        }
        // An operator that holds graphs has values from around it as further operands.
        if (nodes.size() != 1
                || nodes.getFirst().inputs().size() != sketch.operands().size()) {
            return none;
        }
        Op op = nodes.getFirst().op();
        if (Magnitudes.has(op)) {
            return Magnitudes.of(op, sketch.operands());
        }
        List<Datum> operands = new ArrayList<>(sketch.operands());
        return Closeness.magnitudes(op, operands, sketch.outputCount());
    }
}
