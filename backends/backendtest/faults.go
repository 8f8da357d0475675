package backendtest

func faultTests() []test { return nil }
