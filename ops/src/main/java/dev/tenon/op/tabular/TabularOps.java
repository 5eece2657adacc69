package dev.tenon.op.tabular;

import dev.tenon.op.OpList;

/** The table of the operators on tables: the domain {@code ai.onnx.ml}. */
public final class TabularOps {
    /** The domain. */
    public static final String DOMAIN = "ai.onnx.ml";

    private TabularOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks(DOMAIN, "ArrayFeatureExtractor"))
            list.add(ArrayFeatureExtractor.SCHEMA, ArrayFeatureExtractor.class, ArrayFeatureExtractor::of);
        if (list.asks(DOMAIN, "Binarizer")) list.add(Binarizer.SCHEMA, Binarizer.class, Binarizer::of);
        if (list.asks(DOMAIN, "CastMap")) list.add(CastMap.SCHEMA, CastMap.class, CastMap::of);
        if (list.asks(DOMAIN, "CategoryMapper"))
            list.add(CategoryMapper.SCHEMA, CategoryMapper.class, CategoryMapper::of);
        if (list.asks(DOMAIN, "DictVectorizer"))
            list.add(DictVectorizer.SCHEMA, DictVectorizer.class, DictVectorizer::of);
        if (list.asks(DOMAIN, "FeatureVectorizer"))
            list.add(FeatureVectorizer.SCHEMA, FeatureVectorizer.class, FeatureVectorizer::of);
        if (list.asks(DOMAIN, "Imputer")) list.add(Imputer.SCHEMA, Imputer.class, Imputer::of);
        if (list.asks(DOMAIN, "LabelEncoder")) list.add(LabelEncoder.SCHEMA, LabelEncoder.class, LabelEncoder::of);
        if (list.asks(DOMAIN, "Normalizer")) list.add(Normalizer.SCHEMA, Normalizer.class, Normalizer::of);
        if (list.asks(DOMAIN, "OneHotEncoder")) list.add(OneHotEncoder.SCHEMA, OneHotEncoder.class, OneHotEncoder::of);
        if (list.asks(DOMAIN, "Scaler")) list.add(Scaler.SCHEMA, Scaler.class, Scaler::of);
        if (list.asks(DOMAIN, "ZipMap")) list.add(ZipMap.SCHEMA, ZipMap.class, ZipMap::of);
        if (list.asks(DOMAIN, "LinearClassifier"))
            list.add(LinearClassifier.SCHEMA, LinearClassifier.class, LinearClassifier::of);
        if (list.asks(DOMAIN, "LinearRegressor"))
            list.add(LinearRegressor.SCHEMA, LinearRegressor.class, LinearRegressor::of);
        if (list.asks(DOMAIN, "SVMClassifier")) list.add(SVMClassifier.SCHEMA, SVMClassifier.class, SVMClassifier::of);
        if (list.asks(DOMAIN, "SVMRegressor")) list.add(SVMRegressor.SCHEMA, SVMRegressor.class, SVMRegressor::of);
        if (list.asks(DOMAIN, "TreeEnsemble")) list.add(TreeEnsemble.SCHEMA, TreeEnsemble.class, TreeEnsemble::of);
        if (list.asks(DOMAIN, "TreeEnsembleClassifier"))
            list.add(TreeEnsembleClassifier.SCHEMA, TreeEnsembleClassifier.class, TreeEnsembleClassifier::of);
        if (list.asks(DOMAIN, "TreeEnsembleRegressor"))
            list.add(TreeEnsembleRegressor.SCHEMA, TreeEnsembleRegressor.class, TreeEnsembleRegressor::of);
    }
}
