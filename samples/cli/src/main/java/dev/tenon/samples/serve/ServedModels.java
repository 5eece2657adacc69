package dev.tenon.samples.serve;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.ValueInfo;
import dev.tenon.error.TenonException;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.UnknownModelException;
import dev.tenon.serving.drift.DriftMonitor;
import dev.tenon.serving.versions.Models;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The models of a server, for all of its protocols. It finds versions, makes calls and checks which outputs a client may
 * have. Safe for any number of threads.
 */
public final class ServedModels {
    /** The version that a client names if it wants the one that serves. */
    public static final String LATEST = "latest";

    private static final System.Logger LOG = System.getLogger(ServedModels.class.getName());

    private final Models models;
    private final Metrics metrics;
    private final ServerOptions options;
    private final BodyMemory bodyMemory;
    /** Null if clients may not load versions. */
    private final Repository repository;
    /** The monitors of inputs, by the names of models. */
    private final Map<String, DriftMonitor> monitors = new ConcurrentHashMap<>();
    /** Held while a version is loaded or unloaded: one at a time, since each needs memory. */
    private final ReentrantLock changing = new ReentrantLock();

    private volatile boolean stopping;

    /**
     * Makes a registry without models.
     *
     * @param options how models are served
     * @param metrics counts their calls
     */
    public ServedModels(ServerOptions options, Metrics metrics) {
        this.options = options;
        this.bodyMemory = new BodyMemory(options.http().bodyMemory());
        this.metrics = metrics;
        this.models = Models.create(options.sessions(), options.batching().listener(metrics));
        this.repository = options.control().repository().map(Repository::new).orElse(null);
    }

    /**
     * A call of a client.
     *
     * @param model the name of the model
     * @param version the version; empty or {@link #LATEST} for the one that serves
     * @param id the client's name of the request, empty if it gave none; routes by key choose by it
     * @param inputs the inputs of the model by name
     * @param outputs the outputs that the client wants, empty for all
     * @param timeout the time that the client allows, if it says so
     * @param cancellation ends the call early
     */
    public record Request(
            String model,
            String version,
            String id,
            Map<String, Tensor> inputs,
            Collection<String> outputs,
            Optional<Duration> timeout,
            Cancellation cancellation) {}

    /**
     * An answered call.
     *
     * @param version the version that answered
     * @param outputs the outputs that the client wants, in its order, each of a type that the protocol has
     */
    public record Prediction(String version, SequencedMap<String, Tensor> outputs) {}

    /**
     * A version in the list of the repository.
     *
     * @param name the name of the model
     * @param version the version
     * @param state {@code READY} if it is loaded, else {@code UNAVAILABLE}
     * @param reason what a loaded version is for, as {@link Models.State} names it; else {@code unloaded}
     */
    public record IndexEntry(String name, String version, String state, String reason) {}

    /**
     * Loads a version. The first version of a model serves at once.
     *
     * @param name the name of the model
     * @param version the version
     * @param model the model
     */
    public void load(String name, String version, Model model) {
        models.load(name, version, model, options.trial());
        promoteFirst(name, version);
    }

    /**
     * Compares the inputs of a model with those of a reference from now on.
     *
     * @param name the name of the model
     * @param reference inputs of calls, as {@link DriftMonitor#reference} takes them
     * @throws TenonException as {@link DriftMonitor#reference} says
     */
    public void watch(String name, List<? extends Map<String, ? extends Datum>> reference) {
        monitors.put(
                name,
                DriftMonitor.reference(reference).name(name).listener(metrics).start());
    }

    /** The monitor of the inputs of a model, if there is one. */
    Optional<DriftMonitor> drift(String name) {
        return Optional.ofNullable(monitors.get(name));
    }

    private void promoteFirst(String name, String version) {
        if (models.serving(name).isEmpty()) {
            models.promote(name, version);
        }
    }

    /**
     * Loads a version from the repository, after it has answered its trial. The first version of a model serves at once, others
     * when they are promoted. If this fails, everything stays as it is.
     *
     * @param name the name of the model
     * @param parameters {@code version} names the version; without it, this is the one with the largest number
     * @return the version
     * @throws RequestException if there is no repository, or it has no such version, or the version can't be read or fails its
     *     trial
     */
    public IndexEntry loadFromRepository(String name, Map<String, Object> parameters) {
        Repository from = repository();
        Repository.Version version = from.find(name, Repository.version(parameters, Set.of()));
        changing.lock();
        try {
            if (isLoaded(version)) {
                throw RequestException.bad("version '" + version.version() + "' of model '" + name
                        + "' is loaded; unload it first, or give what is new a version of its own");
            }
            models.load(name, version.version(), from.file(version), from.trial(version));
            promoteFirst(name, version.version());
            return index(true).stream()
                    .filter(e -> e.name().equals(name) && e.version().equals(version.version()))
                    .findFirst()
                    .orElseThrow();
        } catch (TenonException e) {
            // The client has asked for this file: that it is no model, or fails its trial, is no fault of the server.
            Failure failure = Failure.of(e);
            throw new RequestException(
                    failure == Failure.BROKEN ? Failure.INVALID : failure,
                    from.withoutRoot(String.valueOf(e.getMessage())));
        } finally {
            changing.unlock();
        }
    }

    /**
     * Drops a version that neither serves nor is in a route, or a model with all of its versions. Calls that run are answered.
     *
     * @param name the name of the model
     * @param parameters {@code version} names the version; without it, all are dropped
     * @throws RequestException if there is no repository
     * @throws dev.tenon.serving.UnknownModelException if it is not loaded
     * @throws dev.tenon.error.InvalidOptionException if the version is in use
     */
    public void unload(String name, Map<String, Object> parameters) {
        repository();
        // The protocol's way to say whether models that belong to this one go, too: there are none.
        Optional<String> version = Repository.version(parameters, Set.of("unload_dependents"));
        changing.lock();
        try {
            version.ifPresentOrElse(v -> models.unload(name, v), () -> models.unload(name));
        } finally {
            changing.unlock();
        }
    }

    private Repository repository() {
        if (repository == null) {
            throw new RequestException(Failure.FORBIDDEN, "the server was started without --repository");
        }
        return repository;
    }

    /** The versions of a model; none if it was dropped meanwhile. */
    static List<Models.Status> versions(Models models, String name) {
        try {
            return models.versions(name);
        } catch (UnknownModelException e) {
            return List.of();
        }
    }

    private boolean isLoaded(Repository.Version version) {
        return versions(models, version.name()).stream()
                .anyMatch(v -> v.version().equals(version.version()));
    }

    /**
     * The versions that are loaded, and those that the repository has besides.
     *
     * @param ready whether only those that are loaded are wanted
     * @return the versions, those that are loaded first
     */
    public List<IndexEntry> index(boolean ready) {
        List<IndexEntry> all = new ArrayList<>();
        for (String name : models.names()) {
            for (Models.Status v : versions(models, name)) {
                all.add(new IndexEntry(name, v.version(), "READY", v.state().toString()));
            }
        }
        if (repository != null && !ready) {
            for (Repository.Version v : repository.versions()) {
                if (!isLoaded(v)) {
                    all.add(new IndexEntry(v.name(), v.version(), "UNAVAILABLE", "unloaded"));
                }
            }
        }
        return all;
    }

    /** A line about the repository, for the page of the server; empty if there is no repository. */
    String repositoryText() {
        if (repository == null) {
            return "";
        }
        try {
            List<String> unloaded = repository.versions().stream()
                    .filter(v -> !isLoaded(v))
                    .map(v -> v.name() + " " + v.version())
                    .toList();
            return unloaded.isEmpty() ? "all versions are loaded" : "not loaded: " + String.join(", ", unloaded);
        } catch (RequestException e) {
            return e.getMessage();
        }
    }

    /** {@return the registry, to change routes, and to see what models do} */
    public Models models() {
        return models;
    }

    /** {@return the options of the server} */
    public ServerOptions options() {
        return options;
    }

    /** {@return the memory of the bodies of all requests, for all protocols together} */
    public BodyMemory bodyMemory() {
        return bodyMemory;
    }

    /** {@return the counts of the server} */
    public Metrics metrics() {
        return metrics;
    }

    /** {@return whether models are loaded and the server does not stop} */
    public boolean isReady() {
        return !stopping && !models.names().isEmpty();
    }

    /** From now on the server is not ready. Calls are still answered. */
    public void stop() {
        stopping = true;
    }

    /**
     * The model of a version.
     *
     * @param name the name of the model
     * @param version the version; empty or {@link #LATEST} for the one that serves
     * @return the model
     * @throws dev.tenon.serving.UnknownModelException if there is none
     * @throws RequestException if no version serves
     */
    public Model model(String name, String version) {
        return isLatest(version) ? serving(name) : models.model(name, version);
    }

    private Model serving(String name) {
        while (true) {
            String version = models.serving(name)
                    .orElseThrow(() ->
                            new RequestException(Failure.UNAVAILABLE, "no version of model '" + name + "' serves"));
            try {
                return models.model(name, version);
            } catch (UnknownModelException e) {
                if (models.serving(name).equals(Optional.of(version))) {
                    throw e;
                }
                // Another version serves, and this one was dropped meanwhile.
            }
        }
    }

    private static boolean isLatest(String version) {
        return version.isEmpty() || version.equals(LATEST);
    }

    /**
     * Predicts.
     *
     * @param request the call
     * @return the outputs
     * @throws RequestException if the client wants an output that the model or the protocol does not have
     * @throws dev.tenon.error.TenonException as {@link dev.tenon.serving.batch.Batcher#predict(Map, Call)}
     */
    public Prediction predict(Request request) {
        List<String> names = wanted(model(request.model(), request.version()), request.outputs());
        Duration limit = request.timeout()
                .filter(t -> t.compareTo(options.deadline()) < 0)
                .orElse(options.deadline());
        Call call = Call.standard().within(limit).cancelledBy(request.cancellation());
        Models.Answer answer = isLatest(request.version())
                ? models.answer(request.model(), request.inputs(), call.key(request.id()))
                : new Models.Answer(
                        request.version(),
                        models.batcher(request.model(), request.version()).predict(request.inputs(), call));
        drift(request.model()).ifPresent(monitor -> compare(monitor, request.inputs()));
        return new Prediction(answer.version(), tensors(names, answer.outputs()));
    }

    /** The call is answered, whatever the monitor says to its inputs: another version may take others than the reference has. */
    private static void compare(DriftMonitor monitor, Map<String, Tensor> inputs) {
        try {
            monitor.accept(inputs);
        } catch (TenonException e) {
            LOG.log(System.Logger.Level.DEBUG, "inputs that the reference of drift does not have", e);
        }
    }

    /** The names of the outputs; checked before anything is computed. */
    private static List<String> wanted(Model model, Collection<String> outputs) {
        List<String> all = model.outputs().stream().map(ValueInfo::name).toList();
        for (String name : outputs) {
            if (!all.contains(name)) {
                throw RequestException.bad("the model has no output '" + name + "'; it has " + all);
            }
        }
        return outputs.isEmpty() ? all : new ArrayList<>(outputs);
    }

    private static SequencedMap<String, Tensor> tensors(List<String> names, Outputs outputs) {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : names) {
            Datum datum = outputs.get(name);
            if (datum == null) {
                throw RequestException.bad(
                        "the version that answered has no output '" + name + "'; it has " + outputs.keySet());
            }
            if (!(datum instanceof Tensor tensor) || DataType.of(tensor.dtype()) == null) {
                throw RequestException.bad("output '" + name + "' is " + datum.type()
                        + ", which the protocol does not have; ask for other outputs");
            }
            tensors.put(name, tensor);
        }
        return tensors;
    }
}
