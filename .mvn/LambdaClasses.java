import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.NestHostAttribute;
import java.lang.classfile.attribute.NestMembersAttribute;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes classes of lambdas and method references, as javac did before Java 8 had the JVM make them when they are first
 * met: that takes a JVM three times as long as loading one. Run by the build on the compiled classes of a module; does
 * nothing to classes that it has been run on.
 *
 * <p>Each becomes a member of the nest of the class it stands in, named after that class: {@code Outer$$Lambda0}. Those
 * that capture nothing and are of one interface share a class, which tells them apart by a number: most of a class's
 * time goes into finding it. Those that take or give numbers have classes of their own, so that a loop that calls one
 * can have it compiled into itself.
 *
 * <p>What {@link java.lang.invoke.LambdaMetafactory#altMetafactory} makes, which is serializable or of several interfaces,
 * stays as it is.
 */
final class LambdaClasses {
    private static final String INFIX = "$$Lambda";
    private static final String SUFFIX = ".class";
    private static final String METAFACTORY = "Ljava/lang/invoke/LambdaMetafactory;";
    private static final String MAKE = "make";
    private static final String INSTANCE = "INSTANCE";
    private static final String NUMBER = "number";
    private static final ClassDesc OBJECT = ConstantDescs.CD_Object;
    private static final MethodTypeDesc NOTHING = ConstantDescs.MTD_void;

    /** Wrapper classes by the descriptor of what they wrap, and the method that takes it out. */
    private static final Map<String, ClassDesc> WRAPPERS = Map.of(
            "Z", ConstantDescs.CD_Boolean,
            "B", ConstantDescs.CD_Byte,
            "C", ConstantDescs.CD_Character,
            "S", ConstantDescs.CD_Short,
            "I", ConstantDescs.CD_Integer,
            "J", ConstantDescs.CD_Long,
            "F", ConstantDescs.CD_Float,
            "D", ConstantDescs.CD_Double);

    private final Path folder;
    private final ClassFile classFile;
    private final Map<String, List<ClassDesc>> membersByHost = new TreeMap<>();

    private LambdaClasses(Path folder) {
        this.folder = folder;
        ClassHierarchyResolver resolver = ClassHierarchyResolver.ofResourceParsing(LambdaClasses.class.getClassLoader())
                .orElse(ClassHierarchyResolver.defaultResolver());
        this.classFile = ClassFile.of(ClassHierarchyResolverOption.of(resolver));
    }

    /**
     * Runs the program, whose class path is that of the module.
     *
     * @param arguments the folder of the module's classes
     * @throws IOException if a file can't be read or written
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        if (Files.isDirectory(folder)) {
            new LambdaClasses(folder).run();
        }
    }

    private static String name(ClassDesc type) {
        String descriptor = type.descriptorString();
        return descriptor.substring(1, descriptor.length() - 1);
    }

    private void run() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(f -> f.toString().endsWith(SUFFIX)).toList();
        }
        for (Path file : files) {
            if (!file.toString().contains(INFIX)) {
                rewrite(file);
            }
        }
        for (Map.Entry<String, List<ClassDesc>> members : membersByHost.entrySet()) {
            joinNest(members.getKey(), members.getValue());
        }
        for (Path file : files) {
            if (file.toString().contains(INFIX) && !isInNest(file)) {
                Files.delete(file);
            }
        }
    }

    /** What lambdas of a class that share one have in common. */
    private record Kind(ClassDesc type, String method, MethodTypeDesc erased) {}

    /** Lambdas that share a class, in the order of their numbers. */
    private record Group(ClassDesc self, List<InvokeDynamicInstruction> sites) {}

    /** Takes lambdas from new classes where a class lets the JVM make them. */
    private void rewrite(Path file) throws IOException {
        ClassModel model = classFile.parse(file);
        String name = model.thisClass().asInternalName();
        List<Group> groups = new ArrayList<>();
        Map<Kind, Group> shared = new HashMap<>();
        byte[] changed = classFile.transformClass(
                model, ClassTransform.transformingMethodBodies(LambdaClasses::hasLambdas, (code, element) -> {
                    if (element instanceof InvokeDynamicInstruction site && isLambda(site)) {
                        Group group = shares(site)
                                ? shared.computeIfAbsent(kind(site), k -> group(name, groups))
                                : group(name, groups);
                        if (captures(site)) {
                            code.invokestatic(group.self, MAKE, site.typeSymbol());
                        } else {
                            code.getstatic(group.self, INSTANCE + group.sites.size(), kind(site).type);
                        }
                        group.sites.add(site);
                    } else {
                        code.with(element);
                    }
                }));
        if (groups.isEmpty()) {
            return;
        }
        Files.write(file, changed);
        String host = host(model);
        for (Group group : groups) {
            byte[] lambdas = captures(group.sites.getFirst()) ? capturing(group, host) : lambdas(group, host);
            Files.write(folder.resolve(name(group.self) + SUFFIX), lambdas);
            membersByHost.computeIfAbsent(host, h -> new ArrayList<>()).add(group.self);
        }
    }

    /** A new group of a class, one of those it has. */
    private static Group group(String name, List<Group> groups) {
        Group group = new Group(ClassDesc.ofInternalName(name + INFIX + groups.size()), new ArrayList<>());
        groups.add(group);
        return group;
    }

    private static boolean captures(InvokeDynamicInstruction site) {
        return site.typeSymbol().parameterCount() > 0;
    }

    /** Whether a lambda captures nothing and has nothing to do with numbers. */
    private static boolean shares(InvokeDynamicInstruction site) {
        MethodTypeDesc erased = kind(site).erased;
        ClassDesc result = erased.returnType();
        return !captures(site)
                && erased.parameterList().stream().noneMatch(ClassDesc::isPrimitive)
                && (!result.isPrimitive()
                        || result.equals(ConstantDescs.CD_boolean)
                        || result.equals(ConstantDescs.CD_void));
    }

    private static Kind kind(InvokeDynamicInstruction site) {
        MethodTypeDesc erased = (MethodTypeDesc) site.bootstrapArgs().getFirst();
        return new Kind(site.typeSymbol().returnType(), site.name().stringValue(), erased);
    }

    private static String host(ClassModel model) {
        return model.findAttribute(Attributes.nestHost())
                .map(attribute -> attribute.nestHost().asInternalName())
                .orElse(model.thisClass().asInternalName());
    }

    private static boolean hasLambdas(MethodModel method) {
        return method.code().isPresent()
                && method.code().get().elementStream().anyMatch(e -> e instanceof InvokeDynamicInstruction s && isLambda(s));
    }

    private static boolean isLambda(InvokeDynamicInstruction site) {
        DirectMethodHandleDesc bootstrap = site.bootstrapMethod();
        return bootstrap.owner().descriptorString().equals(METAFACTORY)
                && bootstrap.methodName().equals("metafactory");
    }

    private void joinNest(String host, List<ClassDesc> more) throws IOException {
        Path file = folder.resolve(host + SUFFIX);
        ClassModel model = classFile.parse(file);
        List<ClassDesc> members = members(model);
        members.addAll(more);
        Files.write(
                file,
                classFile.transformClass(
                        model,
                        ClassTransform.dropping(e -> e instanceof NestMembersAttribute)
                                .andThen(ClassTransform.endHandler(
                                        c -> c.with(NestMembersAttribute.ofSymbols(members))))));
    }

    private static List<ClassDesc> members(ClassModel model) {
        List<ClassDesc> members = new ArrayList<>();
        model.findAttribute(Attributes.nestMembers())
                .ifPresent(attribute -> attribute.nestMembers().forEach(m -> members.add(m.asSymbol())));
        return members;
    }

    /** Whether a lambda's class is one of those that a class still makes, rather than left from a former build. */
    private boolean isInNest(Path file) throws IOException {
        ClassModel model = classFile.parse(file);
        Path host = folder.resolve(host(model) + SUFFIX);
        return Files.exists(host) && members(classFile.parse(host)).contains(model.thisClass().asSymbol());
    }

    /** The class of lambdas that capture nothing: a field for each, and the interface's method, which does what each does. */
    private byte[] lambdas(Group group, String host) {
        ClassDesc self = group.self;
        List<InvokeDynamicInstruction> sites = group.sites;
        Kind kind = kind(sites.getFirst());
        MethodTypeDesc constructor = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);
        return classFile.build(self, c -> {
            start(c, kind.type, host);
            c.withField(NUMBER, ConstantDescs.CD_int, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
            c.withMethodBody(ConstantDescs.INIT_NAME, constructor, ClassFile.ACC_PRIVATE, code -> code.aload(0)
                    .invokespecial(OBJECT, ConstantDescs.INIT_NAME, NOTHING)
                    .aload(0)
                    .iload(1)
                    .putfield(self, NUMBER, ConstantDescs.CD_int)
                    .return_());
            for (int i = 0; i < sites.size(); i++) {
                c.withField(INSTANCE + i, kind.type, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
            }
            c.withMethodBody(ConstantDescs.CLASS_INIT_NAME, NOTHING, ClassFile.ACC_STATIC, code -> {
                for (int i = 0; i < sites.size(); i++) {
                    code.new_(self).dup().loadConstant(i).invokespecial(self, ConstantDescs.INIT_NAME, constructor);
                    code.putstatic(self, INSTANCE + i, kind.type);
                }
                code.return_();
            });
            c.withMethodBody(kind.method, kind.erased, ClassFile.ACC_PUBLIC, code -> {
                List<SwitchCase> cases = new ArrayList<>();
                for (int i = 1; i < sites.size(); i++) {
                    cases.add(SwitchCase.of(i, code.newLabel()));
                }
                if (!cases.isEmpty()) {
                    Label first = code.newLabel();
                    code.aload(0).getfield(self, NUMBER, ConstantDescs.CD_int);
                    code.tableswitch(1, cases.size(), first, cases).labelBinding(first);
                }
                body(code, self, sites.getFirst());
                for (SwitchCase other : cases) {
                    body(code.labelBinding(other.target()), self, sites.get(other.caseValue()));
                }
            });
        });
    }

    /** The class of a lambda that captures: a field for each captured value, a method that makes one, the interface's. */
    private byte[] capturing(Group group, String host) {
        ClassDesc self = group.self;
        InvokeDynamicInstruction site = group.sites.getFirst();
        Kind kind = kind(site);
        MethodTypeDesc captured = site.typeSymbol();
        MethodTypeDesc constructor = captured.changeReturnType(ConstantDescs.CD_void);
        int count = captured.parameterCount();
        return classFile.build(self, c -> {
            start(c, kind.type, host);
            for (int i = 0; i < count; i++) {
                c.withField(field(i), captured.parameterType(i), ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
            }
            c.withMethodBody(ConstantDescs.INIT_NAME, constructor, ClassFile.ACC_PRIVATE, code -> {
                code.aload(0).invokespecial(OBJECT, ConstantDescs.INIT_NAME, NOTHING);
                for (int i = 0; i < count; i++) {
                    code.aload(0);
                    loadParameter(code, captured, i);
                    code.putfield(self, field(i), captured.parameterType(i));
                }
                code.return_();
            });
            c.withMethodBody(MAKE, captured, ClassFile.ACC_STATIC, code -> {
                code.new_(self).dup();
                for (int i = 0; i < count; i++) {
                    loadParameter(code, captured, i);
                }
                code.invokespecial(self, ConstantDescs.INIT_NAME, constructor).areturn();
            });
            c.withMethodBody(kind.method, kind.erased, ClassFile.ACC_PUBLIC, code -> body(code, self, site));
        });
    }

    private static void start(ClassBuilder c, ClassDesc type, String host) {
        c.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC | ClassFile.ACC_SUPER);
        c.withInterfaceSymbols(type);
        c.with(NestHostAttribute.of(ClassDesc.ofInternalName(host)));
    }

    private static String field(int index) {
        return "captured" + index;
    }

    private static void loadParameter(CodeBuilder code, MethodTypeDesc type, int index) {
        code.loadLocal(TypeKind.from(type.parameterType(index)), code.parameterSlot(index));
    }

    /** Calls what the lambda stands for with the captured values and the arguments. */
    private static void body(CodeBuilder code, ClassDesc self, InvokeDynamicInstruction site) {
        MethodTypeDesc captured = site.typeSymbol();
        MethodTypeDesc erased = (MethodTypeDesc) site.bootstrapArgs().get(0);
        DirectMethodHandleDesc target = (DirectMethodHandleDesc) site.bootstrapArgs().get(1);
        MethodTypeDesc exact = (MethodTypeDesc) site.bootstrapArgs().get(2);
        MethodTypeDesc taken = target.invocationType();
        boolean isNew = target.kind() == DirectMethodHandleDesc.Kind.CONSTRUCTOR;
        if (isNew) {
            code.new_(target.owner()).dup();
        }
        int count = captured.parameterCount();
        for (int i = 0; i < count; i++) {
            code.aload(0).getfield(self, field(i), captured.parameterType(i));
            convert(code, captured.parameterType(i), taken.parameterType(i));
        }
        for (int i = 0; i < erased.parameterCount(); i++) {
            loadParameter(code, erased, i);
            convert(code, erased.parameterType(i), exact.parameterType(i));
            convert(code, exact.parameterType(i), taken.parameterType(count + i));
        }
        call(code, target);
        ClassDesc result = isNew ? target.owner() : taken.returnType();
        if (erased.returnType().equals(ConstantDescs.CD_void)) {
            switch (TypeKind.from(result).slotSize()) {
                case 1 -> code.pop();
                case 2 -> code.pop2();
                default -> {}
            }
        } else {
            convert(code, result, exact.returnType());
            convert(code, exact.returnType(), erased.returnType());
        }
        code.return_(TypeKind.from(erased.returnType()));
    }

    private static void call(CodeBuilder code, DirectMethodHandleDesc target) {
        MethodTypeDesc type = MethodTypeDesc.ofDescriptor(target.lookupDescriptor());
        String name = target.methodName();
        switch (target.kind()) {
            case STATIC, INTERFACE_STATIC -> code.invokestatic(target.owner(), name, type, target.isOwnerInterface());
            case CONSTRUCTOR -> code.invokespecial(target.owner(), ConstantDescs.INIT_NAME, type);
            case VIRTUAL, SPECIAL -> code.invokevirtual(target.owner(), name, type);
            case INTERFACE_VIRTUAL, INTERFACE_SPECIAL -> code.invokeinterface(target.owner(), name, type);
            default -> throw new IllegalStateException("a lambda that is a " + target.kind());
        }
    }

    /** Boxes, unboxes, widens or casts as {@link java.lang.invoke.LambdaMetafactory} does. */
    private static void convert(CodeBuilder code, ClassDesc from, ClassDesc to) {
        if (from.equals(to)) {
            return;
        }
        if (from.isPrimitive() && to.isPrimitive()) {
            code.conversion(TypeKind.from(from), TypeKind.from(to));
        } else if (from.isPrimitive()) {
            ClassDesc wrapper = WRAPPERS.get(from.descriptorString());
            code.invokestatic(wrapper, "valueOf", MethodTypeDesc.of(wrapper, from));
        } else if (to.isPrimitive()) {
            unbox(code, from, to);
        } else if (!to.equals(OBJECT)) {
            code.checkcast(to);
        }
    }

    private static void unbox(CodeBuilder code, ClassDesc from, ClassDesc to) {
        ClassDesc held = to;
        ClassDesc wrapper = WRAPPERS.get(to.descriptorString());
        for (Map.Entry<String, ClassDesc> entry : WRAPPERS.entrySet()) {
            if (entry.getValue().equals(from)) {
                held = ClassDesc.ofDescriptor(entry.getKey());
                wrapper = from;
            }
        }
        if (!wrapper.equals(from)) {
            code.checkcast(wrapper);
        }
        code.invokevirtual(wrapper, held.displayName() + "Value", MethodTypeDesc.of(held));
        convert(code, held, to);
    }
}
